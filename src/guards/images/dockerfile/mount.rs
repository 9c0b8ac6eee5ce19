//! `RUN --mount=…`: comma-separated fields.

/// Key in lower case, and value; `None` where there is no `=`.
pub type Field = (Vec<u8>, Option<Vec<u8>>);

/// Reads the fields of a mount.
///
/// # Errors
/// A message, where the text is no record of comma-separated values.
pub fn fields(text: &[u8]) -> Result<Vec<Field>, &'static str> {
    let mut fields = Vec::new();
    for field in records(text)? {
        let (key, value) = match memchr::memchr(b'=', &field) {
            Some(n) => (&field[..n], Some(field[n + 1..].to_vec())),
            None => (field.as_slice(), None),
        };
        fields.push((key.trim_ascii().to_ascii_lowercase(), value));
    }
    Ok(fields)
}

/// The values of one line: a value may stand in `"`, in which `""` is a quote.
fn records(text: &[u8]) -> Result<Vec<Vec<u8>>, &'static str> {
    let mut values = Vec::new();
    let mut rest = text;
    loop {
        let mut value = Vec::new();
        if let Some(mut tail) = rest.strip_prefix(b"\"") {
            loop {
                let n = memchr::memchr(b'"', tail).ok_or("a quote in --mount has no counterpart")?;
                value.extend_from_slice(&tail[..n]);
                tail = &tail[n + 1..];
                match tail.strip_prefix(b"\"") {
                    Some(more) => {
                        value.push(b'"');
                        tail = more;
                    }
                    None => break,
                }
            }
            rest = tail;
        } else {
            let n = memchr::memchr(b',', rest).unwrap_or(rest.len());
            value.extend_from_slice(&rest[..n]);
            if value.contains(&b'"') {
                return Err("a quote stands inside a field of --mount");
            }
            rest = &rest[n..];
        }
        values.push(value);
        match rest {
            [] => return Ok(values),
            [b',', tail @ ..] => rest = tail,
            _ => return Err("text follows a quoted field of --mount"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_mounts() {
        let read = |t: &str| -> Result<Vec<String>, &'static str> {
            let show = |(k, v): Field| match v {
                Some(v) => format!("{}={}", String::from_utf8_lossy(&k), String::from_utf8_lossy(&v)),
                None => String::from_utf8_lossy(&k).into_owned(),
            };
            Ok(fields(t.as_bytes())?.into_iter().map(show).collect())
        };
        assert_eq!(read("type=bind,From=a/b:1,ro").unwrap(), ["type=bind", "from=a/b:1", "ro"]);
        assert_eq!(read("\"from=a,b\",x").unwrap(), ["from=a,b", "x"]);
        assert_eq!(read("\"a=\"\"b\"\"\"").unwrap(), ["a=\"b\""]);
        assert_eq!(read("").unwrap(), [""]);
        assert!(read("\"a").is_err());
        assert!(read("a\"b").is_err());
        assert!(read("\"a\"b").is_err());
    }
}
