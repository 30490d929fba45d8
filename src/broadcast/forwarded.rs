//! What a proxy in front says of the request it passes on.
//!
//! `X-Forwarded-For`, `-Host` and `-Proto` count where they stand, else `Forwarded` (RFC 7239). A
//! list of addresses is read from its end: each proxy adds whom it heard from, and only what a
//! known one has added is true.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, header};

/// A request as its client made it, as far as proxies say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Forwarded {
    /// Who asks.
    pub(super) client: Option<IpAddr>,
    /// The name it asked for.
    pub(super) host: Option<String>,
    /// Whether it asked over TLS.
    pub(super) secure: Option<bool>,
}

/// Reads the headers that a known proxy has sent.
pub(super) fn read(headers: &HeaderMap, is_proxy: impl Fn(IpAddr) -> bool) -> Forwarded {
    let whole = |name: &str| {
        let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        values.collect::<Vec<_>>().join(",")
    };
    let (by, forwarded) = (whole("x-forwarded-for"), whole(header::FORWARDED.as_str()));
    let old_form = !by.is_empty() || forwarded.is_empty();
    let steps: Vec<&str> = if old_form {
        by.split(',').map(str::trim).collect()
    } else {
        forwarded.split(',').map(|step| parameter(step, "for").unwrap_or("")).collect()
    };
    let mut client = None;
    for step in steps.into_iter().rev() {
        // What can't be read hides whoever stands before it.
        let Some(address) = address(step) else { break };
        client = Some(address);
        if !is_proxy(address) {
            break;
        }
    }
    let last = |list: &str| {
        let last = list.rsplit(',').next().map(str::trim).unwrap_or_default();
        (!last.is_empty()).then(|| last.to_owned())
    };
    let (host, scheme) = if old_form {
        (last(&whole("x-forwarded-host")), last(&whole("x-forwarded-proto")))
    } else {
        let step = forwarded.rsplit(',').next().unwrap_or_default();
        let said = |name| parameter(step, name).map(str::to_owned);
        (said("host"), said("proto"))
    };
    Forwarded { client, host, secure: scheme.map(|scheme| scheme.eq_ignore_ascii_case("https")) }
}

/// The value of `name=value` in one step of a `Forwarded` header.
fn parameter<'a>(step: &'a str, name: &str) -> Option<&'a str> {
    let mut pairs = step.split(';').filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = pairs.find(|(key, _)| key.trim().eq_ignore_ascii_case(name))?;
    Some(value.trim().trim_matches('"'))
}

/// An address, with or without a port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.trim_matches(['[', ']']);
    let with_port = || text.parse::<SocketAddr>().map(|address| address.ip());
    bare.parse().or_else(|_| with_port()).ok().map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(pairs: &[(&'static str, &str)]) -> Forwarded {
        let pairs =
            pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        let proxies = ["10.0.0.1", "10.0.0.2"].map(|proxy| proxy.parse::<IpAddr>().unwrap());
        read(&pairs.collect(), |address| proxies.contains(&address))
    }

    #[test]
    fn the_last_address_that_is_no_proxy_asks() {
        let client = |text: &str| said(&[("x-forwarded-for", text)]).client;
        let reader = "192.0.2.7".parse().ok();
        assert_eq!(client("192.0.2.7"), reader);
        assert_eq!(client("192.0.2.7, 10.0.0.2"), reader);
        // What the client itself has written stands before that.
        assert_eq!(client("198.51.100.1, 192.0.2.7, 10.0.0.2"), reader);
        assert_eq!(client("192.0.2.7:4711"), reader);
        assert_eq!(client("::ffff:192.0.2.7"), reader);
        assert_eq!(client("[2001:db8::1]:80"), "2001:db8::1".parse().ok());
        assert_eq!(client("unknown"), None);
        assert_eq!(client("192.0.2.7, hidden, 10.0.0.2"), "10.0.0.2".parse().ok());
        assert_eq!(client(""), None);
    }

    #[test]
    fn both_forms_are_read_and_the_old_one_counts_where_both_stand() {
        let old = [
            ("x-forwarded-for", "192.0.2.7"),
            ("x-forwarded-host", "desk.example"),
            ("x-forwarded-proto", "https"),
        ];
        let new = (
            "forwarded",
            "for=198.51.100.1, for=\"[2001:db8::1]:99\";host=desk.example;proto=https",
        );
        let all = Forwarded {
            client: "192.0.2.7".parse().ok(),
            host: Some("desk.example".into()),
            secure: Some(true),
        };
        assert_eq!(said(&old), all);
        assert_eq!(said(&[new]), Forwarded { client: "2001:db8::1".parse().ok(), ..all.clone() });
        assert_eq!(said(&[old[0], old[1], old[2], new]), all);
        assert_eq!(said(&[("x-forwarded-for", "10.0.0.1")]).client, "10.0.0.1".parse().ok());
        assert_eq!(said(&[]), Forwarded::default());
    }
}
