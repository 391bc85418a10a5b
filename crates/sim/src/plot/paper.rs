//! What a plot is drawn on: texts, lines and dots as SVG.

use std::fmt::Write;

pub(super) struct Paper(String);

impl Paper {
    pub(super) fn new(width: f64, height: f64) -> Self {
        Self(format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" \
             width=\"{width:.0}\" height=\"{height:.0}\" font-family=\"sans-serif\">\n\
             <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
        ))
    }

    pub(super) fn label(&mut self, (x, y): (f64, f64), anchor: &str, size: u32, text: &str) {
        let text = text.replace('&', "&amp;").replace('<', "&lt;");
        let _infallible = writeln!(
            self.0,
            r##"<text x="{x:.1}" y="{y:.1}" text-anchor="{anchor}" font-size="{size}" fill="#222">{text}</text>"##
        );
    }

    pub(super) fn line(&mut self, from: (f64, f64), to: (f64, f64), color: &str) {
        let _infallible = writeln!(
            self.0,
            r#"<line x1="{:.1}" y1="{:.1}" x2="{:.1}" y2="{:.1}" stroke="{color}"/>"#,
            from.0, from.1, to.0, to.1
        );
    }

    pub(super) fn path(&mut self, points: &str, color: &str) {
        let _infallible = writeln!(
            self.0,
            r#"<polyline points="{points}" fill="none" stroke="{color}" stroke-width="2"/>"#
        );
    }

    /// Filled or hollow.
    pub(super) fn dot(&mut self, (x, y): (f64, f64), color: &str, is_filled: bool) {
        let fill = if is_filled { color } else { "white" };
        let _infallible = writeln!(
            self.0,
            r#"<circle cx="{x:.1}" cy="{y:.1}" r="3.5" fill="{fill}" fill-opacity="0.75" stroke="{color}"/>"#
        );
    }

    pub(super) fn end(mut self) -> String {
        self.0.push_str("</svg>\n");
        self.0
    }
}

/// The colour of this number.
pub(super) fn color(number: usize) -> &'static str {
    COLORS.get(number % COLORS.len()).copied().unwrap_or("#000")
}

/// Told apart by people who see colours differently as well.
const COLORS: [&str; 5] = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00"];
