"""Starts a test server for each connection, for tests that run under Wine.

A program under Wine can't have pipes to a program outside. Here it connects,
sends one line with the server's arguments, and has the server's standard input
and output in the connection, which ends the server when it is closed.

launcher.py SERVER: prints the address to connect to.
"""

import socketserver
import subprocess
import sys


class Launcher(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        arguments = self.rfile.readline().decode().split()
        subprocess.run([sys.argv[1], *arguments], stdin=self.request, stdout=self.request, check=False)


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 128


with Server(("127.0.0.1", 0), Launcher) as server:
    print("{}:{}".format(*server.server_address), flush=True)
    server.serve_forever()
