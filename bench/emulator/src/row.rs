//! What was measured, as a line of JSON.

/// A figure beside its reference: another server's, or the bound that it is to stay within.
pub(crate) struct Row<'a> {
    pub(crate) name: &'a str,
    pub(crate) ours: f64,
    pub(crate) reference: f64,
    pub(crate) unit: &'a str,
    /// The largest ratio aimed at, where one is.
    pub(crate) goal: Option<f64>,
}

impl Row<'_> {
    pub(crate) fn print(&self) {
        let Self { name, ours, reference, unit, goal } = self;
        let row = serde_json::json!({
            "name": name, "ours": ours, "reference": reference, "unit": unit, "goal": goal,
        });
        println!("{row}");
    }
}

pub(crate) fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_unstable_by(f64::total_cmp);
    figures[figures.len() / 2]
}
