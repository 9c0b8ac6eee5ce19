//! The built-in rules, as the build script laid them out.

use super::compile::ahead::Ahead;
use super::compile::automaton::{Automaton, Hit};
use super::compile::plan::{Catalogue, Search::*};
use super::compile::program::{Look::*, Op::*, Set, Step};
use super::compile::rows::{AllowRow, Part, Row, Rows, Text};
use super::compile::schema::{Checksum::*, Reader::*, Target::*, Validator, Validator::*};
use super::engine::RuleSet;
use std::borrow::Cow;

include!(concat!(env!("OUT_DIR"), "/builtin.rs"));
