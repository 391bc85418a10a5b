//! Plots as SVG, the same for the same numbers.

use std::fmt::Write;

use crate::policy::NAMES;
use crate::row::Row;
use crate::run::Run;
use crate::time::seconds;

/// How much of the ideal rate each policy does: a dot for every workload, a colour for every server.
/// Disturbed rows are left out.
pub fn rows(rows: &[Row]) -> String {
    let rows: Vec<&Row> = rows.iter().filter(|row| !row.disturbed).collect();
    let mut servers: Vec<&str> = rows.iter().map(|row| row.server).collect();
    servers.dedup();
    servers.sort_unstable();
    servers.dedup();
    let (left, top, width, step) = (170.0, 70.0, 640.0, 46.0);
    let height = step * NAMES.len() as f64;
    let x = |part: f64| left + part.clamp(0.0, 1.1) / 1.1 * width;
    let mut svg = head(860.0, top + height + 70.0);
    label(&mut svg, left, 24.0, "start", 15, "Work done, as a part of what an ideal client does");
    for (i, server) in servers.iter().enumerate() {
        let at = left + 130.0 * i as f64;
        dot(&mut svg, at, 46.0, color(i));
        label(&mut svg, at + 9.0, 50.0, "start", 12, server);
    }
    for tick in 0..=10 {
        let at = x(f64::from(tick) / 10.0);
        let dark = if tick == 10 { "#555" } else { "#ddd" };
        line(&mut svg, (at, top), (at, top + height), dark);
        label(&mut svg, at, top + height + 18.0, "middle", 12, &format!("{} %", tick * 10));
    }
    let title = "rate of work over the ideal rate, one dot for each workload";
    label(&mut svg, left + width / 2.0, top + height + 44.0, "middle", 13, title);
    for (i, name) in NAMES.iter().enumerate() {
        let middle = top + step * (i as f64 + 0.5);
        line(&mut svg, (left, middle + step / 2.0), (left + width, middle + step / 2.0), "#eee");
        label(&mut svg, left - 12.0, middle + 4.0, "end", 13, name);
        for row in rows.iter().filter(|row| row.policy == *name) {
            let server = servers.iter().position(|server| *server == row.server).unwrap_or(0);
            let y = middle + (server as f64 - (servers.len() as f64 - 1.0) / 2.0) * 7.5;
            dot(&mut svg, x(row.of_ideal), y, color(server));
        }
    }
    svg.push_str("</svg>\n");
    svg
}

/// How many requests were admitted by when, for several runs.
pub fn progress(title: &str, runs: &[(&str, &Run)]) -> String {
    let (left, top, width, height) = (80.0, 70.0, 700.0, 340.0);
    let last = |run: &Run| run.admitted.last().map_or(0, |admission| admission.at);
    let end = runs.iter().map(|(_, run)| seconds(last(run))).fold(1.0, f64::max);
    let most = runs.iter().map(|(_, run)| run.admitted.len()).max().unwrap_or(0).max(1);
    let mut svg = head(860.0, top + height + 70.0);
    label(&mut svg, left, 24.0, "start", 15, title);
    for tick in 0..=5 {
        let part = f64::from(tick) / 5.0;
        let (at_x, at_y) = (left + part * width, top + height - part * height);
        line(&mut svg, (at_x, top), (at_x, top + height), "#ddd");
        line(&mut svg, (left, at_y), (left + width, at_y), "#ddd");
        let minutes = format!("{:.1}", end / 60.0 * part);
        label(&mut svg, at_x, top + height + 18.0, "middle", 12, &minutes);
        let count = format!("{:.0}", most as f64 * part);
        label(&mut svg, left - 8.0, at_y + 4.0, "end", 12, &count);
    }
    label(&mut svg, left + width / 2.0, top + height + 44.0, "middle", 13, "minutes");
    label(&mut svg, left, top - 8.0, "start", 13, "requests admitted");
    for (i, (name, run)) in runs.iter().enumerate() {
        let at = left + 170.0 * i as f64 + 150.0;
        dot(&mut svg, at, 50.0, color(i));
        label(&mut svg, at + 9.0, 54.0, "start", 12, name);
        let mut points = String::new();
        let stride = (run.admitted.len() / 400).max(1);
        let all = run.admitted.iter().enumerate();
        for (n, admission) in all.filter(|(n, _)| n % stride == 0 || n + 1 == run.admitted.len()) {
            let x = left + seconds(admission.at) / end * width;
            let y = top + height - (n + 1) as f64 / most as f64 * height;
            let _infallible = write!(points, "{x:.1},{y:.1} ");
        }
        let _infallible = writeln!(
            svg,
            r#"<polyline points="{}" fill="none" stroke="{}" stroke-width="2"/>"#,
            points.trim_end(),
            color(i)
        );
    }
    svg.push_str("</svg>\n");
    svg
}

fn head(width: f64, height: f64) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" \
         width=\"{width:.0}\" height=\"{height:.0}\" font-family=\"sans-serif\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
    )
}

fn label(svg: &mut String, x: f64, y: f64, anchor: &str, size: u32, text: &str) {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    let _infallible = writeln!(
        svg,
        r##"<text x="{x:.1}" y="{y:.1}" text-anchor="{anchor}" font-size="{size}" fill="#222">{text}</text>"##
    );
}

fn line(svg: &mut String, from: (f64, f64), to: (f64, f64), color: &str) {
    let _infallible = writeln!(
        svg,
        r#"<line x1="{:.1}" y1="{:.1}" x2="{:.1}" y2="{:.1}" stroke="{color}"/>"#,
        from.0, from.1, to.0, to.1
    );
}

fn dot(svg: &mut String, x: f64, y: f64, color: &str) {
    let _infallible = writeln!(
        svg,
        r#"<circle cx="{x:.1}" cy="{y:.1}" r="4" fill="{color}" fill-opacity="0.75"/>"#
    );
}

fn color(number: usize) -> &'static str {
    COLORS.get(number % COLORS.len()).copied().unwrap_or("#000")
}

/// Told apart by people who see colours differently as well.
const COLORS: [&str; 5] = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00"];
