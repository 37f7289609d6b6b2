//! Acknowledged saves survive crashes, restarts and the loss of a server.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::support::*;
use reqwest::Method;
use serde_json::json;

/// Saves a session for one new customer after the other until the server is gone. Returns the acknowledged customers.
async fn save_until_it_dies(url: String, task: usize, count: Arc<AtomicUsize>) -> Vec<String> {
    let (client, mut acknowledged) = (client([]), Vec::new());
    for number in 0.. {
        let customer = format!("{task}-{number}");
        let body = json!({ "reference": reference(&customer), "name": "chat", "value": format!("of-{customer}") });
        let request = client.post(format!("{url}/session/save")).header("origin", SHOP).body(body.to_string());
        let Ok(answer) = request.send().await else { break };
        assert_eq!(answer.status(), 200);
        let Ok(text) = answer.text().await else { break };
        assert_eq!(text, r#"{"saved":true}"#);
        count.fetch_add(1, Ordering::Relaxed);
        acknowledged.push(customer);
    }
    acknowledged
}

async fn reached(count: &AtomicUsize, number: usize) {
    let waited = tokio::time::timeout(Duration::from_secs(60), async {
        while count.load(Ordering::Relaxed) < number {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
    waited.await.expect("the saves must go on");
}

async fn assert_all_are_there(server: &Server, customers: &[String]) {
    for customer in customers {
        let body = json!({ "reference": reference(customer), "name": "chat" });
        let loaded = server.post(HELP, "/session/load", body).await.ok();
        assert_eq!(loaded["value"], format!("of-{customer}"), "an acknowledged save is lost");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_acknowledged_save_survives_kill_9() {
    let setup = Setup::new().unlimited();
    for round in 0..3 {
        let mut server = setup.start();
        let count = Arc::<AtomicUsize>::default();
        let tasks: Vec<_> = (0..8)
            .map(|task| tokio::spawn(save_until_it_dies(server.url.clone(), round * 8 + task, Arc::clone(&count))))
            .collect();
        reached(&count, 150).await;
        server.kill();
        let mut acknowledged = Vec::new();
        for task in tasks {
            acknowledged.extend(task.await.unwrap());
        }
        assert!(acknowledged.len() >= 150);
        assert_all_are_there(&setup.start(), &acknowledged).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_on_one_redis_lose_nothing_when_one_is_killed() {
    let redis = Redis::start();
    let setup = Setup::new().on(&redis).unlimited();
    let (mut first, mut second) = (setup.start(), setup.start());
    let count = Arc::<AtomicUsize>::default();
    let save = |url: &str, task| tokio::spawn(save_until_it_dies(url.to_owned(), task, Arc::clone(&count)));
    let on_first: Vec<_> = (0..4).map(|task| save(&first.url, task)).collect();
    let on_second: Vec<_> = (4..8).map(|task| save(&second.url, task)).collect();
    reached(&count, 200).await;
    first.kill();
    let mut acknowledged = Vec::new();
    for task in on_first {
        acknowledged.extend(task.await.unwrap());
    }
    assert!(!acknowledged.is_empty());
    assert_all_are_there(&second, &acknowledged).await;

    // The other server was never interrupted.
    let before = count.load(Ordering::Relaxed);
    reached(&count, before + 50).await;
    second.kill();
    for task in on_second {
        acknowledged.extend(task.await.unwrap());
    }
    assert_all_are_there(&setup.start(), &acknowledged).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_stopped_finishes_what_is_under_way() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let setup = Setup::new();
    let mut server = setup.start();
    let mut stream = tokio::net::TcpStream::connect(server.url.strip_prefix("http://").unwrap()).await.unwrap();
    let body = json!({ "reference": reference("7"), "name": "chat", "value": "under way" }).to_string();
    let length = body.len();
    let head = format!(
        "POST /session/save HTTP/1.1\r\nhost: bridge\r\norigin: {SHOP}\r\ncontent-length: {length}\r\nexpect: 100-continue\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    // The server sends this when the request's handler waits for the body.
    let awaited = "HTTP/1.1 100 Continue\r\n\r\n";
    let mut interim = vec![0; awaited.len()];
    stream.read_exact(&mut interim).await.unwrap();
    assert_eq!(String::from_utf8(interim).unwrap(), awaited);

    server.signal("TERM");
    server.logged("stopping").await;
    stream.write_all(body.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with(r#"{"saved":true}"#), "{answer}");
    assert!(server.wait().success());
    assert!(server.log().contains("stopped"), "{}", server.log());
    assert!(server.try_send(Method::GET, "/health", &[], String::new()).await.is_err());
    assert_eq!(load(&setup.start(), "7", "chat").await, "under way");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_stopped_has_written_what_it_acknowledged() {
    let setup = Setup::new().unlimited();
    let mut server = setup.start();
    let count = Arc::<AtomicUsize>::default();
    let tasks: Vec<_> =
        (0..4).map(|task| tokio::spawn(save_until_it_dies(server.url.clone(), task, Arc::clone(&count)))).collect();
    reached(&count, 50).await;
    server.signal("INT");
    assert!(server.wait().success());
    let server = setup.start();
    for task in tasks {
        assert_all_are_there(&server, &task.await.unwrap()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_log_nobody_takes_goes_on_and_can_be_stopped() {
    let mut server = Setup::new().start_unheard();
    for _ in 0..3 {
        server.get("/health").await.ok();
    }
    server.signal("TERM");
    assert!(server.wait().success());
}

#[tokio::test]
async fn a_client_that_never_finishes_its_request_is_let_go() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let server = Setup::new().start();
    let address = server.url.strip_prefix("http://").unwrap();
    let half = async |text: String| {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        // Any end counts, including a reset of the connection.
        let ended = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut answer)).await;
        assert!(ended.is_ok(), "it is still there after {text:?}");
        String::from_utf8(answer).unwrap()
    };
    let start = "POST /session/load HTTP/1.1\r\nhost: bridge\r\n";
    let rest = format!("origin: {SHOP}\r\ncontent-length: 100\r\nconnection: close\r\n\r\n{{");
    let (head, body) = tokio::join!(half(start.to_owned()), half(format!("{start}{rest}")));
    assert!(!head.contains(" 200 "), "{head}");
    assert!(body.starts_with("HTTP/1.1 400"), "{body}");
}
