use super::super::Verdict;
use super::super::wire::put_string;
use super::support::*;
use signature::Signer as _;
use ssh_key::private::Ed25519Keypair;

/// A certificate of key 1 by authority 2; tests change what they are about.
struct Wish {
    kind: u32,
    principals: Vec<&'static str>,
    after: u64,
    before: u64,
    critical: Vec<&'static str>,
    authority: Ed25519Keypair,
    claimed: Ed25519Keypair,
}

impl Default for Wish {
    fn default() -> Self {
        let (principals, critical) = (vec!["root", EMAIL], vec![]);
        // no end, as `ssh-keygen -s` makes them without -V
        Wish { kind: 1, principals, after: 0, before: u64::MAX, critical, authority: ssh_key(2), claimed: ssh_key(2) }
    }
}

fn certificate(wish: &Wish) -> Vec<u8> {
    let key = ssh_key(1);
    let mut out = strings(&[b"ssh-ed25519-cert-v01@openssh.com", b"nonce", &key.public.0]);
    out.extend(7u64.to_be_bytes());
    out.extend(wish.kind.to_be_bytes());
    // not UTF-8: the id is for people and logs
    put_string(&mut out, b"id \xff");
    put_string(&mut out, &strings(&wish.principals.iter().map(|p| p.as_bytes()).collect::<Vec<_>>()));
    out.extend(wish.after.to_be_bytes());
    out.extend(wish.before.to_be_bytes());
    let options: Vec<u8> = wish.critical.iter().flat_map(|o| strings(&[o.as_bytes(), b""])).collect();
    put_string(&mut out, &options);
    put_string(&mut out, &strings(&[b"permit-pty", b""]));
    put_string(&mut out, b"");
    put_string(&mut out, &ssh_blob(&wish.claimed));
    let signature = wish.authority.sign(&out);
    put_string(&mut out, &strings(&[b"ssh-ed25519", signature.as_bytes()]));
    out
}

fn of(wish: &Wish, line: &str) -> Verdict {
    let payload = payload(EMAIL, WHEN);
    let raw = ssh_key(1).sign(&ssh_bytes(&payload, "git"));
    let armor = sshsig(&certificate(wish), "git", &strings(&[b"ssh-ed25519", raw.as_bytes()]));
    verdict(&allowed(line), &signed(&payload, &armor))
}

fn authority_line(principals: &str) -> String {
    format!("{principals} cert-authority {}", ssh_line(&ssh_key(2)))
}

#[test]
fn a_certificate_of_a_known_authority() {
    let line = authority_line("*@acme.example");
    assert_eq!(of(&Wish::default(), &line), Verdict::Good);
    assert_eq!(of(&Wish { kind: 2, ..Wish::default() }, &line), Verdict::NotAuthorized);
    assert_eq!(of(&Wish { principals: vec![], ..Wish::default() }, &line), Verdict::NotAuthorized);
    assert_eq!(of(&Wish { principals: vec!["root"], ..Wish::default() }, &line), Verdict::NotAuthorized);
    assert_eq!(of(&Wish { principals: vec!["x@acme.example"], ..Wish::default() }, &line), Verdict::WrongEmail);
    assert_eq!(of(&Wish::default(), &authority_line("root,x@acme.example")), Verdict::WrongEmail);
}

#[test]
fn a_certificate_of_another_authority() {
    let line = authority_line("*");
    let other = Wish { authority: ssh_key(3), claimed: ssh_key(3), ..Wish::default() };
    assert_eq!(of(&other, &line), Verdict::UnknownKey);
    assert_eq!(of(&Wish { authority: ssh_key(3), ..Wish::default() }, &line), Verdict::Bad);
    // the plain key in the file does not vouch for its certificate, nor an authority without the option
    assert_eq!(of(&Wish::default(), &format!("* {}", ssh_line(&ssh_key(1)))), Verdict::UnknownKey);
    assert_eq!(of(&Wish::default(), &format!("* {}", ssh_line(&ssh_key(2)))), Verdict::UnknownKey);
}

#[test]
fn validity_of_certificates() {
    let line = authority_line("*");
    let between = |after: i64, before: i64| Wish { after: after as u64, before: before as u64, ..Wish::default() };
    assert_eq!(of(&between(WHEN, WHEN + DAY), &line), Verdict::Good);
    assert_eq!(of(&between(WHEN + 1, WHEN + DAY), &line), Verdict::ExpiredKey);
    assert_eq!(of(&between(0, WHEN), &line), Verdict::ExpiredKey);
    assert_eq!(of(&between(0, NOW), &line), Verdict::GoodAtCommit);
}

#[test]
fn critical_options() {
    let line = authority_line("*");
    let with = |option| Wish { critical: vec![option], ..Wish::default() };
    assert_eq!(of(&with("force-command"), &line), Verdict::Good);
    assert_eq!(of(&with("verify-required"), &line), Verdict::NotAuthorized);
    assert_eq!(of(&with("unheard-of"), &line), Verdict::NotAuthorized);
}

#[test]
fn damaged_certificates() {
    let whole = certificate(&Wish::default());
    let payload = payload(EMAIL, WHEN);
    let raw = ssh_key(1).sign(&ssh_bytes(&payload, "git"));
    for end in 0..whole.len() {
        let armor = sshsig(&whole[..end], "git", &strings(&[b"ssh-ed25519", raw.as_bytes()]));
        let got = verdict(&allowed(&authority_line("*")), &signed(&payload, &armor));
        assert!(matches!(got, Verdict::Bad | Verdict::Unsupported), "{end}: {got:?}");
    }
}
