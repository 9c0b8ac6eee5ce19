//! `DL3020`: `ADD` for plain files.

use super::{Context, Offence, Rule, always, shown};
use crate::finding::{GuardId, Level};
use crate::guards::images::dockerfile::{Keyword, Kind, Word, is_heredoc};
use crate::rule::RuleMeta;

pub(super) static RULE: Rule = Rule {
    meta: RuleMeta {
        id: "DL3020",
        aliases: &["add-for-files", "DS-0005", "CKV_DOCKER_4", "prefer-copy-over-add"],
        guard: GuardId::Images,
        level: Level::Warn,
        summary: "ADD is used for files and directories",
        docs: "`ADD` unpacks archives and fetches addresses; `COPY` does neither, and nothing by surprise.",
        bad: &[
            "FROM alpine:3\nADD app /app\n",
            "FROM alpine:3\nADD [\"a.txt\", \"/\"]\n",
            "FROM alpine:3\nONBUILD ADD . /\n",
        ],
        good: &[
            "FROM alpine:3\nADD app.tar.gz /app\n",
            "FROM alpine:3\nADD https://files.example/x /x\n",
            "FROM alpine:3\nADD git@git.example:a/b.git /x\n",
            "FROM alpine:3\nADD <<EOF /x\nhi\nEOF\n",
            "FROM alpine:3\nADD \"x.TGZ\" /x\n",
        ],
    },
    asked: always,
    check,
};

/// Endings of what `ADD` unpacks, and of the archives that people take for such.
const ARCHIVES: [&str; 17] = [
    ".tar", ".gz", ".tgz", ".bz2", ".tbz", ".tbz2", ".tb2", ".xz", ".txz", ".lz", ".tlz", ".lzma", ".z", ".tz", ".tpz",
    ".zst", ".tzst",
];
const REMOTE: [&str; 5] = ["http://", "https://", "git://", "git@", "ssh://"];

fn check(cx: &Context<'_>, out: &mut Vec<Offence>) {
    for instruction in cx.instructions().filter(|i| i.keyword == Keyword::Add) {
        let Kind::Transfer(transfer) = &instruction.kind else { continue };
        if let Some(plain) = transfer.sources.iter().find(|s| is_plain(s)) {
            let message = format!("ADD of {}, which COPY does as well", shown(plain.unquoted()));
            out.push(Offence::at(instruction, message).help("write COPY"));
        }
    }
}

/// Neither archive nor address nor here-document, nor a variable that may be one.
fn is_plain(source: &Word) -> bool {
    let text = source.unquoted().to_ascii_lowercase();
    let archive = ARCHIVES.iter().any(|a| text.ends_with(a.as_bytes()));
    let remote = REMOTE.iter().any(|r| text.starts_with(r.as_bytes()));
    !(archive || remote || text.contains(&b'$') || is_heredoc(source))
}
