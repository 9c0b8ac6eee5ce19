use super::super::allowed_signers::{Malformed, parse, parse_key};
use super::support::{ssh_blob, ssh_key, ssh_line};

fn malformed(line: &str) -> String {
    match parse(line.as_bytes()) {
        Err(Malformed { line: 1, why }) => why,
        other => panic!("{line}: {other:?}"),
    }
}

#[test]
fn reads_what_the_manual_shows() {
    let key = ssh_line(&ssh_key(1));
    let text = format!(
        "# Comments allowed at start of line\r\n\
         user1@example.com,user2@example.com {key} a comment here\r\n\
         \n\
         *@example.com CERT-Authority {key}\n\
         \t\"two words@example.com\"  namespaces=\"file,git\",valid-after=\"20240101Z\",valid-before=\"20250101Z\"\t{key}\n\
         user2@example.com namespaces=\"a \\\"b c\" {key}"
    );
    let (lines, remarks) = parse(text.as_bytes()).unwrap();
    assert!(remarks.is_empty());
    assert_eq!(lines.len(), 4);
    assert!(lines.iter().all(|l| l.key == ssh_blob(&ssh_key(1))));
    assert!(lines[0].principals.matches(b"user2@example.com") && !lines[0].authority);
    assert!(lines[1].authority && lines[1].namespaces.is_none());
    assert!(lines[2].principals.matches(b"two words@example.com"));
    assert!(lines[2].namespaces.as_ref().unwrap().matches(b"git"));
    assert_eq!((lines[2].after, lines[2].before), (Some(1_704_067_200), Some(1_735_689_600)));
    assert!(lines[3].namespaces.as_ref().unwrap().matches(b"a \"b c"));
}

#[test]
fn stops_at_what_it_does_not_understand() {
    let key = ssh_line(&ssh_key(1));
    for (line, why) in [
        (format!("a@x no-such {key}"), "`no-such` is neither"),
        (format!("a@x namespaces=git {key}"), "not in quotes"),
        (format!("a@x namespaces=\"git {key}"), "do not end"),
        (format!("a@x namespaces {key}"), "needs a value"),
        (format!("a@x cert-authority=\"yes\" {key}"), "takes no value"),
        (format!("a@x namespaces=\"a\",namespaces=\"b\" {key}"), "twice"),
        (format!("a@x valid-after=\"20240101Z\",valid-after=\"20240101Z\" {key}"), "twice"),
        (format!("a@x valid-after=\"yesterday\" {key}"), "malformed"),
        (format!("a@x valid-after=\"20250101Z\",valid-before=\"20240101Z\" {key}"), "is not after"),
        (format!("a@x namespaces=\"git\"cert-authority {key}"), "commas"),
        (format!("a@x cert-authority, {key}"), "is neither"),
        (format!("\"a@x {key}"), "do not end"),
        ("a@x".into(), "is neither"),
        ("a@x cert-authority".into(), "is no kind of key"),
        ("a@x ssh-ed25519".into(), "base 64"),
        ("a@x ssh-ed25519 ***".into(), "base 64"),
        ("a@x ssh-ed25519 AAAA".into(), "is damaged"),
        (format!("a@x {}", key.replace("ssh-ed25519", "ssh-rsa")), "another kind"),
    ] {
        let got = malformed(&line);
        assert!(got.contains(why), "{line}: {got}");
    }
    let text = format!("a@x {key}\n\nbroken\na@x {key}\n");
    assert_eq!(parse(text.as_bytes()).unwrap_err().line, 3);
}

#[test]
fn reads_keys_of_signers() {
    let key = ssh_key(1);
    assert_eq!(parse_key(format!("  {} me@host\n", ssh_line(&key)).as_bytes()), Ok(ssh_blob(&key)));
    assert!(parse_key(b"").is_err());
}
