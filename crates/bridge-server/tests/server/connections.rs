//! Connections that an attacker opens: how many, for how long, and what they cost.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::support::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

fn frame(kind: u8, flags: u8, stream: u32, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), content].concat()
}

/// The start of an HTTP/2 connection whose client lets nobody send it a byte of a body.
fn without_a_window() -> Vec<u8> {
    [PREFACE, &frame(4, 0, 0, &[0, 4, 0, 0, 0, 0])].concat()
}

/// A GET request: an HPACK block of indexed names.
fn get(stream: u32, path: &str) -> Vec<u8> {
    let text = |text: &str| [&[u8::try_from(text.len()).unwrap()], text.as_bytes()].concat();
    let block = [&[0x82, 0x86, 0x04][..], &text(path), &[0x01], &text("bridge")].concat();
    frame(1, 5, stream, &block)
}

/// Reads frames until so many answers have begun, and returns their HPACK blocks.
async fn answers(stream: &mut TcpStream, number: usize) -> Vec<Vec<u8>> {
    let mut heads = vec![];
    while heads.len() < number {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await.unwrap();
        let mut content = vec![0; u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize];
        stream.read_exact(&mut content).await.unwrap();
        if head[3] == 1 {
            heads.push(content);
        }
    }
    heads
}

fn address_of(server: &Server) -> SocketAddr {
    server.url.split_once("//").unwrap().1.parse().unwrap()
}

async fn connect_from(last: u8, to: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((Ipv4Addr::new(127, 0, 0, last), 0).into()).unwrap();
    socket.connect(to).await.unwrap()
}

/// A connection that has a place: the server takes one in a task, and tasks run in any order.
async fn admitted(last: u8, to: SocketAddr) -> TcpStream {
    let mut stream = connect_from(last, to).await;
    stream.write_all(b"GET /iframe.html HTTP/1.1\r\nhost: bridge\r\n\r\n").await.unwrap();
    assert!(stream.read(&mut [0; 16]).await.unwrap() > 0);
    stream
}

/// The status of a request on a connection of its own; `None` if that is refused.
async fn status_from(last: u8, server: &Server, path: &str) -> Option<u16> {
    let mut stream = connect_from(last, address_of(server)).await;
    let request = format!("GET {path} HTTP/1.1\r\nhost: bridge\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.ok()?;
    answer.split(' ').nth(1)?.parse().ok()
}

/// Waits until the server ends this connection, whatever it sends before.
async fn ends(mut stream: TcpStream, within: u64, what: &str) {
    let end = async {
        let mut bytes = [0; 4096];
        while stream.read(&mut bytes).await.is_ok_and(|read| read > 0) {}
    };
    assert!(tokio::time::timeout(Duration::from_secs(within), end).await.is_ok(), "{what} is still there");
}

fn memory(server: &Server) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

#[tokio::test]
async fn a_connection_without_a_request_is_closed_whatever_it_says() {
    let server = Setup::new().start();
    let settings = [PREFACE, &frame(4, 0, 0, &[])].concat();
    let mut waiting = tokio::task::JoinSet::new();
    for (what, start, again) in [
        ("a connection that says nothing", &b""[..], &b""[..]),
        ("half a method", b"P", b""),
        ("half a preface", &PREFACE[..20], b""),
        ("a preface", PREFACE, b""),
        ("a preface with settings", &settings, b""),
        ("a preface with settings that asks for answers", &settings, &frame(6, 0, 0, &[0; 8])),
        ("a head that never ends", b"GET / HTTP/1.1\r\nhost: bridge\r\n", b"x: y\r\n"),
        ("empty lines", b"", b"\r\n"),
    ] {
        let (mut stream, start, again) = (connect_from(1, address_of(&server)).await, start.to_vec(), again.to_vec());
        waiting.spawn(async move {
            stream.write_all(&start).await.unwrap();
            let (reader, mut writer) = stream.into_split();
            // Bytes prolong nothing.
            let repeating = tokio::spawn(async move {
                while !again.is_empty() && writer.write_all(&again).await.is_ok() {
                    tokio::time::sleep(Duration::from_millis(500)).await;
                }
                writer
            });
            let end = async {
                let (mut reader, mut bytes) = (reader, [0; 4096]);
                while reader.read(&mut bytes).await.is_ok_and(|read| read > 0) {}
            };
            assert!(tokio::time::timeout(Duration::from_secs(25), end).await.is_ok(), "{what} is still there");
            repeating.abort();
        });
    }
    while let Some(ended) = waiting.join_next().await {
        ended.unwrap();
    }
    let metrics = server.get(&format!("{}/metrics", server.admin)).await.text;
    assert!(metrics.contains("bridge_connections_timed_out_total"), "{metrics}");
}

#[tokio::test]
async fn over_tls_a_connection_without_a_request_is_closed_too() {
    let (setup, certificate) = Setup::new().with_tls();
    let server = setup.start();
    let address = address_of(&server);
    let silent = tokio::spawn(ends(connect_from(1, address).await, 25, "a connection without a handshake"));
    let mut half = connect_from(1, address).await;
    half.write_all(&[0x16, 3, 1, 2, 0, 1]).await.unwrap();
    let half = tokio::spawn(ends(half, 25, "half a handshake"));
    let after = [&b""[..], PREFACE, b"GET"].map(|start| {
        let certificate = certificate.clone();
        std::thread::spawn(move || {
            let mut roots = rustls::RootCertStore::empty();
            roots.add(certificate).unwrap();
            let config =
                rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
                    .with_safe_default_protocol_versions()
                    .unwrap()
                    .with_root_certificates(roots)
                    .with_no_client_auth();
            let mut tls = rustls::ClientConnection::new(Arc::new(config), "localhost".try_into().unwrap()).unwrap();
            let mut socket = std::net::TcpStream::connect(address).unwrap();
            socket.set_read_timeout(Some(Duration::from_secs(25))).unwrap();
            while tls.is_handshaking() {
                tls.complete_io(&mut socket).unwrap();
            }
            let started = Instant::now();
            let mut stream = rustls::Stream::new(&mut tls, &mut socket);
            stream.write_all(start).unwrap();
            let mut bytes = [0; 4096];
            while stream.read(&mut bytes).is_ok_and(|read| read > 0) {}
            assert!(started.elapsed() < Duration::from_secs(24), "{start:?} after the handshake is still there");
        })
    });
    silent.await.unwrap();
    half.await.unwrap();
    for thread in after {
        tokio::task::spawn_blocking(|| thread.join()).await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn answers_that_nobody_takes_cost_little_and_end_their_connection() {
    let setup = Setup::new().with("--trusted-proxy", "127.0.0.9").unlimited();
    // Content that does not compress.
    let large: String =
        (0..1_000_000_u32).map(|n| char::from(b'!' + (n.wrapping_mul(2_654_435_761) >> 25) as u8 % 90)).collect();
    setup.write("large.js", &large);
    let server = setup.start();
    let before = memory(&server);
    let address = address_of(&server);

    let mut held = vec![];
    for connection in 0..4 {
        let mut stream = connect_from(1, address).await;
        let mut request = without_a_window();
        let path = if connection == 0 { "/iframe.html" } else { "/large.js" };
        (0..32).for_each(|number| request.extend(get(2 * number + 1, path)));
        stream.write_all(&request).await.unwrap();
        answers(&mut stream, 32).await;
        held.push(stream);
    }
    let grown = memory(&server).saturating_sub(before);
    assert!(grown < 20_000_000, "{grown} bytes for 96 answers of a megabyte");

    assert_eq!(status_from(1, &server, "/iframe.html").await, Some(429), "this address has too many under way");
    assert_eq!(status_from(2, &server, "/iframe.html").await, Some(200));
    let metrics = server.get(&format!("{}/metrics", server.admin)).await.text;
    assert!(metrics.contains("bridge_rate_limited_total{by=\"address-under-way\"} 1"), "{metrics}");

    let small = held.remove(0);
    ends(small, 45, "a connection whose answers nobody takes").await;
    assert_eq!(status_from(1, &server, "/iframe.html").await, Some(200), "its requests are not under way any more");
}

#[tokio::test]
async fn a_slow_reader_gets_all_of_a_large_file() {
    let setup = Setup::new();
    let large: String =
        (0..6_000_000_u32).map(|n| char::from(b'!' + (n.wrapping_mul(2_654_435_761) >> 25) as u8 % 90)).collect();
    setup.write("large.js", &large);
    let server = setup.start();
    let mut stream = connect_from(1, address_of(&server)).await;
    stream.write_all(b"GET /large.js HTTP/1.1\r\nhost: bridge\r\nconnection: close\r\n\r\n").await.unwrap();
    // Longer than the look at the clock, and than what waits for the head of another request.
    tokio::time::sleep(Duration::from_secs(17)).await;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.ends_with(&large), "{} bytes came", answer.len());
}

#[tokio::test]
async fn one_address_cannot_take_all_descriptors_and_many_are_refused_with_a_line_in_the_log() {
    let server = Setup::new().in_shell("ulimit -n 128").start();
    let address = address_of(&server);
    let mut silent = vec![];
    for _ in 0..140 {
        silent.push(connect_from(1, address).await);
    }
    server.logged("connections are refused").await;
    assert_eq!(status_from(2, &server, "/iframe.html").await, Some(200), "another address");
    for last in 3..8 {
        for _ in 0..20 {
            silent.push(connect_from(last, address).await);
        }
    }
    server.get(&format!("{}/health", server.admin)).await.ok();
    let metrics = server.get(&format!("{}/metrics", server.admin)).await.text;
    let by: BTreeSet<&str> = metrics
        .lines()
        .filter_map(|line| line.strip_prefix("bridge_connections_refused_total{by=\"")?.split_once('"'))
        .map(|(by, _)| by)
        .collect();
    assert_eq!(by, BTreeSet::from(["address", "total"]), "{metrics}");
    let lines = server.log().lines().filter(|line| line.contains("connections are refused")).count();
    assert_eq!(lines, 1, "one line a minute, however many are refused");
    assert!(server.log().contains("--connections is more than"), "{}", server.log());
    let started = Instant::now();
    while status_from(1, &server, "/iframe.html").await != Some(200) {
        assert!(started.elapsed() < Duration::from_secs(20), "silent connections still hold all places");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

#[tokio::test]
async fn the_number_of_connections_is_the_owners_choice_and_a_proxy_has_many_clients() {
    let server = Setup::new()
        .with("--connections", "12")
        .with("--connections-per-address", "2")
        .with("--trusted-proxy", "127.0.0.9")
        .start();
    let address = address_of(&server);
    let mut held = vec![admitted(1, address).await, admitted(1, address).await];
    assert_eq!(status_from(1, &server, "/iframe.html").await, None);
    for _ in 0..5 {
        held.push(connect_from(9, address).await);
    }
    assert_eq!(status_from(9, &server, "/iframe.html").await, Some(200));
    assert_eq!(status_from(2, &server, "/iframe.html").await, Some(200));
}
