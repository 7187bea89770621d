using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using System.Threading;

/// <summary>
/// The test server as a child process, and its control routes. One serves all tests; it ends with
/// its standard input, so that none is left behind.
/// </summary>
internal sealed class TestServer : IDisposable
{
    private static TestServer running;

    private readonly Process process;
    private readonly string url;

    private TestServer(Process process)
    {
        this.process = process;
        url = UrlIn(process.StandardOutput.ReadLine());
    }

    /// <summary>Where it listens without TLS.</summary>
    internal static string Url
    {
        get { return running.url; }
    }

    internal static TestServer Start()
    {
        string program = Environment.GetEnvironmentVariable("AUTHKEEP_TEST_SERVER");
        if (string.IsNullOrEmpty(program))
        {
            throw new InvalidOperationException("AUTHKEEP_TEST_SERVER is not set; `cargo test` sets it");
        }
        ProcessStartInfo start = new ProcessStartInfo(program);
        start.UseShellExecute = false;
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        running = new TestServer(Process.Start(start));
        return running;
    }

    public void Dispose()
    {
        process.StandardInput.Close();
        process.WaitForExit();
        process.Dispose();
    }

    internal static void Post(string route, string json)
    {
        byte[] body = Encoding.UTF8.GetBytes(json);
        Exchange("POST /control/" + route, body);
    }

    /// <summary>Opens an emulation of one vendor's system; where it listens without TLS.</summary>
    internal static string Emulate(string json)
    {
        string opened = Exchange("POST /control/emulate", Encoding.UTF8.GetBytes(json));
        return UrlIn(opened);
    }

    internal static string Stats()
    {
        return Exchange("GET /control/stats", new byte[0]);
    }

    private static string UrlIn(string json)
    {
        return Regex.Match(json, "\"url\": ?\"([^\"]+)\"").Groups[1].Value;
    }

    // By hand, so that what a test checks never depends on the code that it checks.
    private static string Exchange(string request, byte[] body)
    {
        Uri address = new Uri(Url);
        using (TcpClient connection = new TcpClient(address.Host, address.Port))
        using (NetworkStream stream = connection.GetStream())
        {
            string head = request + " HTTP/1.1\r\nHost: " + address.Authority
                + "\r\nConnection: close\r\nContent-Length: " + body.Length + "\r\n\r\n";
            byte[] bytes = Encoding.ASCII.GetBytes(head);
            stream.Write(bytes, 0, bytes.Length);
            stream.Write(body, 0, body.Length);
            string answer = new StreamReader(stream, Encoding.UTF8).ReadToEnd();
            Check.Contains("HTTP/1.1 200 ", answer);
            return answer.Substring(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4);
        }
    }
}
