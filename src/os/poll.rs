//! Waiting for a socket, in slices short enough to notice a cancellation.

#[cfg_attr(unix, path = "poll/unix.rs")]
#[cfg_attr(windows, path = "poll/windows.rs")]
mod system;

#[cfg(windows)]
pub(in crate::os) use system::is_ready;
pub(crate) use system::{AsSocket, RawSocket, is_under_way, wait};

/// What a socket is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interest {
    Read,
    Write,
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::net::{TcpListener, TcpStream};
    use std::time::{Duration, Instant};

    use socket2::{Domain, Socket, Type};

    use super::*;

    const LONG: Duration = Duration::from_secs(10);
    const SHORT: Duration = Duration::from_millis(30);

    fn pair() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let one = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        (one, listener.accept().unwrap().0)
    }

    #[test]
    fn a_socket_is_ready_once_it_has_something() {
        let (one, mut other) = pair();
        assert!(wait(&one, Interest::Write, None, LONG).unwrap());
        let begin = Instant::now();
        assert!(!wait(&one, Interest::Read, None, SHORT).unwrap());
        assert!(begin.elapsed() >= SHORT - Duration::from_millis(5));
        other.write_all(b"x").unwrap();
        assert!(wait(&one, Interest::Read, None, LONG).unwrap());
    }

    #[test]
    fn a_peer_that_has_closed_counts_as_ready() {
        let (one, other) = pair();
        drop(other);
        assert!(wait(&one, Interest::Read, None, LONG).unwrap());
    }

    #[test]
    fn a_refused_connection_counts_as_ready_and_has_its_error() {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let nobody = free.local_addr().unwrap();
        drop(free);
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        socket.set_nonblocking(true).unwrap();
        let refused = match socket.connect(&nobody.into()) {
            Err(error) if is_under_way(&error) => {
                assert!(wait(&socket, Interest::Write, None, LONG).unwrap());
                socket.take_error().unwrap().unwrap()
            }
            other => other.unwrap_err(),
        };
        assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
    }
}
