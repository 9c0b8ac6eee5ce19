//! Reading repositories of every format and state, both ways, against Git's own answer.

mod formats;
