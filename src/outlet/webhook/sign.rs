//! Signatures of the Standard Webhooks specification: a receiver can tell who wrote a body, and
//! that it is no old one played again.

use data_encoding::BASE64;
use ring::hmac;

/// The key that bodies are signed with.
#[derive(Clone, Debug)]
pub(super) struct Secret(hmac::Key);

impl Secret {
    /// Reads `whsec_` and Base 64 of 24 to 64 bytes.
    pub(super) fn read(text: &str) -> Option<Self> {
        let key = BASE64.decode(text.strip_prefix("whsec_")?.as_bytes()).ok()?;
        (24..=64).contains(&key.len()).then(|| Secret(hmac::Key::new(hmac::HMAC_SHA256, &key)))
    }

    /// The value of `webhook-signature`.
    pub(super) fn sign(&self, id: &str, timestamp: i64, body: &str) -> String {
        let tag = hmac::sign(&self.0, format!("{id}.{timestamp}.{body}").as_bytes());
        format!("v1,{}", BASE64.encode(tag.as_ref()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_specifications_example_has_its_signature() {
        let secret = Secret::read("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let body = r#"{"test": 2432232314}"#;
        assert_eq!(
            secret.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
        assert!(Secret::read("whsec_c2hvcnQ=").is_none());
    }
}
