//! A keep-alive HTTP/1.1 connection that speaks JSON.

use std::net::SocketAddr;

use anyhow::{Result, ensure};
use http_body_util::{BodyExt, Full};
use hyper::{Request, body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

/// One connection, one request at a time.
pub(crate) struct Connection {
    sender: http1::SendRequest<Full<Bytes>>,
    host: String,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self {
            sender,
            host: address.to_string(),
        })
    }

    pub(crate) async fn get(&mut self, path: &str) -> Result<Value> {
        self.send("GET", path, Bytes::new()).await
    }

    pub(crate) async fn post(&mut self, path: &str, body: &Value) -> Result<Value> {
        self.send("POST", path, Bytes::from(body.to_string())).await
    }

    async fn send(&mut self, method: &str, path: &str, body: Bytes) -> Result<Value> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", &self.host)
            .header("content-type", "application/json")
            .body(Full::new(body))?;
        self.sender.ready().await?;
        let answer = self.sender.send_request(request).await?;
        let status = answer.status();
        let body = answer.into_body().collect().await?.to_bytes();
        ensure!(
            status.is_success(),
            "{path}: {status} {}",
            String::from_utf8_lossy(&body)
        );
        Ok(serde_json::from_slice(&body)?)
    }
}

/// Registers a new account and returns its session.
pub(crate) async fn register(connection: &mut Connection, number: usize) -> Result<Value> {
    let body =
        serde_json::json!({"email": format!("user{number}@example.com"), "password": PASSWORD});
    connection.post("/auth/register", &body).await
}

/// The password of every benchmark account.
pub(crate) const PASSWORD: &str = "ten green bottles";
