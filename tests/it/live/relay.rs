//! A link between the sites that can be cut: a relay of TCP connections on loopback.
//!
//! In: a port. Out: another port that leads there, as long as the link is whole. Knows nothing of what is spoken.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use super::bench;

/// How the link is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Link {
    /// Bytes pass, each piece after this time.
    Whole(Duration),
    /// Nothing passes and nothing ends, as when packets are dropped on the way.
    Cut,
    /// Connections end after so many bytes, as when a server dies while it answers.
    Ends(usize),
    /// Connections end at once, as when nothing listens there.
    Refused,
    /// Refused for good: the relay is gone.
    Ended,
}

/// The link and the connections through it.
#[derive(Debug)]
struct Shared {
    link: Mutex<Link>,
    changed: Condvar,
    open: Mutex<Vec<TcpStream>>,
}

/// A relay to one port; ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Relay {
    port: u16,
    shared: Arc<Shared>,
}

impl Relay {
    /// A whole link to a port of loopback.
    pub(crate) fn to(target: u16) -> Self {
        let port = bench::port();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
        let shared = Arc::new(Shared {
            link: Mutex::new(Link::Whole(Duration::ZERO)),
            changed: Condvar::new(),
            open: Mutex::default(),
        });
        let carrier = Arc::clone(&shared);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if *carrier.link.lock().unwrap() == Link::Ended {
                    break;
                }
                let carrier = Arc::clone(&carrier);
                thread::spawn(move || carrier.carry(&client, target));
            }
        });
        Self { port, shared }
    }

    /// The port that leads there.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Cuts the link: connections hang, new ones too.
    pub(crate) fn cut(&self) {
        self.set(Link::Cut);
    }

    /// Refuses: connections end, new ones at once.
    pub(crate) fn refuse(&self) {
        self.set(Link::Refused);
        self.shared.end_all();
    }

    /// Makes the link whole; connections that hung go on.
    pub(crate) fn heal(&self) {
        self.set(Link::Whole(Duration::ZERO));
    }

    /// Makes the link whole but slow: each piece that passes takes this time.
    pub(crate) fn delay(&self, each: Duration) {
        self.set(Link::Whole(each));
    }

    /// Lets this many bytes of both directions pass, and then ends all connections and refuses.
    pub(crate) fn end_after(&self, bytes: usize) {
        self.set(Link::Ends(bytes));
    }

    fn set(&self, link: Link) {
        *self.shared.link.lock().unwrap() = link;
        self.shared.changed.notify_all();
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.set(Link::Ended);
        self.shared.end_all();
        // Wakes the listener.
        TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).ok();
    }
}

impl Shared {
    /// Carries one connection to its end.
    fn carry(self: &Arc<Self>, client: &TcpStream, target: u16) {
        if self.pass(0).is_err() {
            return;
        }
        let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, target)) else {
            return;
        };
        let both = [client.try_clone(), server.try_clone()].map(Result::unwrap);
        self.open.lock().unwrap().extend(both);
        thread::scope(|scope| {
            scope.spawn(|| self.copy(client, &server));
            self.copy(&server, client);
        });
        let ends = [client.peer_addr().ok(), server.peer_addr().ok()];
        self.open
            .lock()
            .unwrap()
            .retain(|stream| !ends.contains(&stream.peer_addr().ok()));
    }

    /// Copies one direction. An end of either side ends both.
    fn copy(&self, mut from: &TcpStream, mut to: &TcpStream) {
        let mut piece = vec![0; 64 * 1024];
        let mut step = || -> io::Result<bool> {
            let length = from.read(&mut piece)?;
            let passes = self.pass(length)?;
            to.write_all(&piece[..passes])?;
            Ok(length > 0 && passes == length)
        };
        while step().is_ok_and(|more| more) {}
        from.shutdown(Shutdown::Both).ok();
        to.shutdown(Shutdown::Both).ok();
    }

    /// Waits until a piece may pass, and says how much of it may; an error when it never will.
    fn pass(&self, length: usize) -> io::Result<usize> {
        let mut link = self.link.lock().unwrap();
        loop {
            match *link {
                Link::Whole(delay) => {
                    drop(link);
                    thread::sleep(delay);
                    return Ok(length);
                }
                Link::Ends(left) if left < length => {
                    *link = Link::Refused;
                    return Ok(left);
                }
                Link::Ends(left) => {
                    *link = Link::Ends(left - length);
                    return Ok(length);
                }
                Link::Cut => link = self.changed.wait(link).unwrap(),
                Link::Refused | Link::Ended => return Err(io::ErrorKind::ConnectionRefused.into()),
            }
        }
    }

    fn end_all(&self) {
        for stream in self.open.lock().unwrap().drain(..) {
            stream.shutdown(Shutdown::Both).ok();
        }
    }
}
