//! A name server that answers nothing, for programs that ask no other.
//!
//! What asks it is the system's own resolver: each program gets a view of the
//! file system with a `/etc/resolv.conf` of ours.

use std::ffi::OsStr;
use std::fs;
use std::net::UdpSocket;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use tempfile::TempDir;

const MOUNT_AND_RUN: &str = r#"mount --bind "$0" /etc/resolv.conf && exec "$@""#;

/// It serves as long as the test program.
pub struct SilentNames {
    folder: TempDir,
    asked: Arc<Mutex<Vec<String>>>,
    made: AtomicUsize,
}

impl SilentNames {
    /// Starts the server; why not, if it can't be made the only one.
    pub fn serve() -> Result<SilentNames, String> {
        // Others of these may run beside this one.
        let mut addresses = (1..=250).map(|last| format!("127.53.53.{last}"));
        let bound = |address: String| Some((UdpSocket::bind((&*address, 53)).ok()?, address));
        let (socket, address) = addresses
            .find_map(bound)
            .ok_or("only root can have port 53 and a view of the file system of its own")?;
        let folder = tempfile::tempdir().unwrap();
        let names = SilentNames {
            folder,
            asked: Arc::default(),
            made: AtomicUsize::new(0),
        };
        let settings = format!("nameserver {address}\noptions timeout:30\n");
        fs::write(names.settings(), settings).unwrap();
        match names.alone(&Command::new("true")).output() {
            Ok(output) if output.status.success() => {}
            Ok(output) => return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
            Err(_) => return Err("there is no unshare; it comes with util-linux".to_owned()),
        }
        let asked = names.asked.clone();
        thread::spawn(move || {
            let mut query = [0; 512];
            while let Ok(size) = socket.recv(&mut query) {
                asked.lock().unwrap().push(name_in(&query[..size]));
            }
        });
        Ok(names)
    }

    /// A name that nobody has asked for, and whether somebody has.
    pub fn new_name(&self) -> (String, impl Fn() -> bool + Send + Sync + use<>) {
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        let (name, asked) = (format!("api-{number}.authkeep.test"), self.asked.clone());
        (name.clone(), move || asked.lock().unwrap().contains(&name))
    }

    /// The same program, which knows this server and no other.
    pub fn alone(&self, program: &Command) -> Command {
        let mut command = Command::new("unshare");
        command
            .args(["--mount", "sh", "-c", MOUNT_AND_RUN])
            .arg(self.settings())
            .arg(program.get_program())
            .args(program.get_args());
        for (name, value) in program.get_envs() {
            match value {
                Some(value) => command.env::<&OsStr, &OsStr>(name, value),
                None => command.env_remove(name),
            };
        }
        command
    }

    fn settings(&self) -> PathBuf {
        self.folder.path().join("resolv.conf")
    }
}

/// The name in a query (RFC 1035, section 4.1.2): labels after 12 bytes.
fn name_in(query: &[u8]) -> String {
    let mut labels = Vec::new();
    let mut rest = query.get(12..).unwrap_or_default();
    while let Some((&size, after)) = rest.split_first().filter(|(size, _)| **size > 0) {
        let (label, others) = after.split_at(after.len().min(size.into()));
        labels.push(String::from_utf8_lossy(label).into_owned());
        rest = others;
    }
    labels.join(".")
}
