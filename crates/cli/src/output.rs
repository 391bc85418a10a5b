//! What is printed: results on standard output, flushed as they come; notes on standard error.

use std::io::{self, Write};

use serde_json::Value;

use crate::args::Form;
use crate::error::{Error, one_line};

/// Standard output in one of its forms.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    form: Form,
    silent: bool,
}

impl Output {
    pub(crate) fn new(form: Form) -> Self {
        Self { form, silent: false }
    }

    pub(crate) fn is_json(self) -> bool {
        self.form == Form::Json
    }

    /// The same without remarks.
    pub(crate) fn without_remarks(self) -> Self {
        Self { silent: true, ..self }
    }

    /// Text as it is, at once.
    pub(crate) fn text(self, text: &str) -> Result<(), Error> {
        let mut stdout = io::stdout().lock();
        stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).map_err(Error::Stdout)
    }

    /// One line of text.
    pub(crate) fn line(self, line: &str) -> Result<(), Error> {
        self.text(&format!("{line}\n"))
    }

    /// One JSON value on one line.
    pub(crate) fn json(self, value: &Value) -> Result<(), Error> {
        self.line(&value.to_string())
    }

    /// Says why the command failed.
    pub(crate) fn failure(self, error: &Error) {
        if error.is_broken_pipe() {
            return;
        }
        if self.is_json() {
            eprint(&error.to_json().to_string());
        } else {
            note(&error.sentence());
        }
    }

    /// One JSON value on one line of standard error.
    pub(crate) fn aside(self, value: &Value) {
        eprint(&value.to_string());
    }

    /// A remark for a person; a program finds the same in the JSON.
    pub(crate) fn remark(self, text: &str) {
        if !self.is_json() && !self.silent {
            note(text);
        }
    }
}

/// One line for a person on standard error.
pub(crate) fn note(text: &str) {
    eprint(&format!("outcrop: {}", one_line(text)));
}

/// One line on standard error. When even that is gone, there is nobody left to tell.
fn eprint(line: &str) {
    let _gone = writeln!(io::stderr().lock(), "{line}");
}
