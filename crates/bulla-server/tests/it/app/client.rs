//! Services that ask for tokens in their own name.

use axum::http::{Method, StatusCode, header};
use serde_json::{Value, json};

use super::{Answer, Call, Door, TestApp};

/// A client that was made, with what it proves itself by.
pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) secret: String,
}

impl TestApp {
    /// Makes a client of this name and with these scopes.
    pub(crate) async fn client(&self, name: &str, scopes: &[&str]) -> Client {
        self.client_with(json!({"name": name, "scopes": scopes}))
            .await
    }

    /// Makes a client.
    pub(crate) async fn client_with(&self, wanted: Value) -> Client {
        let call = self.call_at(Door::Local, Method::POST, "/admin/clients");
        let made = call.json(wanted).await_status(StatusCode::CREATED).await;
        let made = made.json();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Client {
            id: text(&made["client"]["client_id"]),
            secret: made["client_secret"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        }
    }

    /// Changes a client.
    pub(crate) async fn change_client(&self, client: &Client, change: Value) {
        let path = format!("/admin/clients/{}", client.id);
        let call = self.call_at(Door::Local, Method::PATCH, &path);
        call.json(change).await_status(StatusCode::OK).await;
    }

    /// A form at this path.
    pub(crate) fn form(&self, path: &str, pairs: &[(&str, &str)]) -> Call<'_> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(pairs);
        self.call(Method::POST, path)
            .raw("application/x-www-form-urlencoded", form.finish())
    }

    /// The client's own access token.
    pub(crate) async fn client_token(&self, client: &Client) -> String {
        let call = self
            .form("/oauth2/token", &[("grant_type", "client_credentials")])
            .basic(&client.id, &client.secret);
        let answer = call.await_status(StatusCode::OK).await.json();
        answer["access_token"].as_str().unwrap().to_owned()
    }
}

impl Call<'_> {
    pub(crate) fn basic(self, id: &str, secret: &str) -> Self {
        let both = base64_simd::STANDARD.encode_to_string(format!("{id}:{secret}"));
        self.header(header::AUTHORIZATION, format!("Basic {both}"))
    }
}

impl Answer {
    /// A refusal in the words of RFC 6749; with 401 it asks for `Authorization: Basic`.
    #[track_caller]
    pub(crate) fn assert_oauth(&self, status: u16, error: &str) {
        self.assert_told(status, error);
        let asks = ["", "Basic realm=\"bulla\""][usize::from(status == 401)];
        assert_eq!(self.header(header::WWW_AUTHENTICATE), asks);
    }

    /// `invalid_client` of one that has proven itself in the form, which does not ask for `Authorization`.
    #[track_caller]
    pub(crate) fn assert_unproven_in_form(&self) {
        self.assert_told(401, "invalid_client");
        assert_eq!(self.header(header::WWW_AUTHENTICATE), "");
    }

    /// Whatever is refused in the words of RFC 6749, the API's description says so.
    pub(crate) fn assert_described(&self, path: &str) {
        let body: Value = serde_json::from_str(&self.text).unwrap_or_default();
        let Some(error) = body["error"].as_str() else {
            return;
        };
        let document: Value =
            serde_json::from_str(&bulla_server::routes::openapi::document()).unwrap();
        let described = &document["paths"][path]["post"]["responses"][self.status.as_str()];
        let described = described["description"].as_str().unwrap_or_default();
        let code = format!("`{error}`");
        assert!(
            described.contains(&code),
            "{path} {}: {code} is not in: {described}",
            self.status
        );
    }

    #[track_caller]
    fn assert_told(&self, status: u16, error: &str) {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        assert_eq!(self.header(header::CONTENT_TYPE), "application/json");
        assert_eq!(self.header(header::CACHE_CONTROL), "no-store");
        let body = self.json();
        assert_eq!(body["error"], error, "{}", self.text);
        let described = body["error_description"].as_str().unwrap();
        let allowed = |byte: u8| matches!(byte, 0x20..=0x7e) && !b"\"\\".contains(&byte);
        assert!(described.bytes().all(allowed), "{described}");
        assert_eq!(body.as_object().unwrap().len(), 2, "{}", self.text);
    }
}
