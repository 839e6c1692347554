//! A keep-alive HTTP/1.1 connection that speaks JSON.

use std::net::SocketAddr;

use anyhow::{Result, ensure};
use http_body_util::{BodyExt, Full};
use hyper::{Request, StatusCode, body::Bytes, client::conn::http1, http::request::Builder};
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

    /// How a request with this access token is answered.
    pub(crate) async fn status_of(&mut self, path: &str, token: &str) -> Result<StatusCode> {
        let request = self
            .request("GET", path)
            .header("authorization", format!("Bearer {token}"))
            .body(Full::default())?;
        Ok(self.answer(request).await?.0)
    }

    pub(crate) async fn post(&mut self, path: &str, body: &Value) -> Result<Value> {
        self.send("POST", path, Bytes::from(body.to_string())).await
    }

    async fn send(&mut self, method: &str, path: &str, body: Bytes) -> Result<Value> {
        let request = self
            .request(method, path)
            .header("content-type", "application/json")
            .body(Full::new(body))?;
        let (status, body) = self.answer(request).await?;
        ensure!(
            status.is_success(),
            "{path}: {status} {}",
            String::from_utf8_lossy(&body)
        );
        Ok(serde_json::from_slice(&body)?)
    }

    fn request(&self, method: &str, path: &str) -> Builder {
        let request = Request::builder().method(method).uri(path);
        request.header("host", &self.host)
    }

    async fn answer(&mut self, request: Request<Full<Bytes>>) -> Result<(StatusCode, Bytes)> {
        self.sender.ready().await?;
        let answer = self.sender.send_request(request).await?;
        let status = answer.status();
        Ok((status, answer.into_body().collect().await?.to_bytes()))
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
