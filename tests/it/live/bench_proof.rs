//! The bench itself: ports are nobody else's, servers end with their owner, a link can be cut.

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::thread;
use std::time::Duration;

use super::bench::{self, Folder, Server, command, namespaced, wait_for};
use super::patroni::AS_POSTGRES;
use super::relay::Relay;

#[test]
fn a_port_is_given_once() {
    let ports: Vec<u16> = (0..50).map(|_| bench::port()).collect();
    assert_eq!(ports.iter().collect::<BTreeSet<_>>().len(), ports.len());
}

#[test]
fn a_server_and_its_children_end_with_their_owner() {
    let folder = Folder::new("ends");
    // As PostgreSQL's: under another user.
    let mut shell = namespaced("setpriv");
    shell.args(AS_POSTGRES);
    shell.args(["sh", "-c", "sleep 1234 & wait"]);
    let server = Server::start(&folder, "shell", shell);
    let child = wait_for("the shell has a child", || {
        bench::descendant(server.pid(), "sleep 1234")
    });
    assert!(Path::new(&format!("/proc/{child}")).exists());
    drop(server);
    wait_for("the child is gone", || {
        (!Path::new(&format!("/proc/{child}")).exists()).then_some(())
    });
}

#[test]
fn a_server_lives_longer_than_the_thread_that_started_it() {
    let folder = Folder::new("outlives");
    let start = || {
        let mut sleep = command("sleep");
        sleep.arg("1235");
        Server::start(&folder, "sleep", sleep)
    };
    let mut server = thread::scope(|scope| scope.spawn(start).join().unwrap());
    thread::sleep(Duration::from_millis(100));
    assert!(server.runs());
    server.kill();
    assert!(!server.runs());
    server.restart();
    assert!(server.runs());
}

/// A server that sends back what it gets.
fn echo() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            thread::spawn(move || {
                let mut from = stream.try_clone().unwrap();
                std::io::copy(&mut from, &mut stream).ok();
            });
        }
    });
    port
}

/// What comes back within a moment.
fn ask(stream: &mut TcpStream) -> std::io::Result<u8> {
    stream.set_read_timeout(Some(Duration::from_millis(300)))?;
    stream.write_all(b"?")?;
    answer(stream)
}

fn answer(stream: &mut TcpStream) -> std::io::Result<u8> {
    let mut byte = [0];
    stream.read_exact(&mut byte)?;
    Ok(byte[0])
}

#[test]
fn a_cut_link_hangs_and_heals_and_a_refused_one_ends() {
    let relay = Relay::to(echo());
    let connect = || TcpStream::connect((Ipv4Addr::LOCALHOST, relay.port())).unwrap();
    let mut open = connect();
    assert_eq!(ask(&mut open).unwrap(), b'?');

    relay.cut();
    let hangs = std::io::ErrorKind::WouldBlock;
    assert_eq!(ask(&mut open).unwrap_err().kind(), hangs);
    let mut during = connect();
    assert_eq!(ask(&mut during).unwrap_err().kind(), hangs);

    relay.heal();
    assert_eq!(answer(&mut open).unwrap(), b'?');
    assert_eq!(answer(&mut during).unwrap(), b'?');

    relay.refuse();
    assert_ne!(ask(&mut open).unwrap_err().kind(), hangs);
    assert_ne!(ask(&mut connect()).unwrap_err().kind(), hangs);
}

#[test]
fn a_slow_link_is_slow() {
    let relay = Relay::to(echo());
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, relay.port())).unwrap();
    relay.delay(Duration::from_millis(500));
    assert!(ask(&mut stream).is_err());
    stream.set_read_timeout(None).unwrap();
    assert_eq!(answer(&mut stream).unwrap(), b'?');
}

#[test]
fn a_link_ends_in_the_middle_of_an_answer() {
    let relay = Relay::to(echo());
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, relay.port())).unwrap();
    assert_eq!(ask(&mut stream).unwrap(), b'?');
    // Ten bytes there, and five of those that come back.
    relay.end_after(15);
    stream.write_all(b"0123456789").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok();
    assert_eq!(answer, b"01234");
}
