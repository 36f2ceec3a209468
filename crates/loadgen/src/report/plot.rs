//! Plots as SVG, for what the page needs: lines over two axes, each linear or logarithmic.

use std::fmt::{self, Write};

use serde::Serialize;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 360.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 20.0;
const TOP: f64 = 60.0;
const BOTTOM: f64 = 50.0;

/// Colours that people who see few of them tell apart.
const COLOURS: [&str; 6] = [
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00",
];

/// A plot.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Plot {
    /// The name of its file, without what says the kind.
    pub(crate) name: &'static str,
    pub(crate) title: String,
    pub(crate) x: Axis,
    pub(crate) y: Axis,
    pub(crate) series: Vec<Series>,
}

/// An axis.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Axis {
    pub(crate) label: &'static str,
    pub(crate) logarithmic: bool,
}

/// One line.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Series {
    pub(crate) name: String,
    pub(crate) points: Vec<(f64, f64)>,
}

/// An axis with its range, from value to place.
#[derive(Debug, Clone, Copy)]
struct Scale {
    logarithmic: bool,
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

impl Plot {
    pub(crate) fn title(&self) -> &str {
        &self.title
    }

    pub(crate) fn file(&self) -> String {
        format!("{}.svg", self.name)
    }

    /// The picture.
    pub(crate) fn svg(&self) -> String {
        let points = || self.series.iter().flat_map(|series| &series.points);
        let x = Scale::of(self.x, points().map(|point| point.0), LEFT, WIDTH - RIGHT);
        let y = Scale::of(self.y, points().map(|point| point.1), HEIGHT - BOTTOM, TOP);
        let mut svg = String::new();
        self.write(&mut svg, x, y)
            .expect("writing to memory does not fail");
        svg
    }

    fn write(&self, svg: &mut String, x: Scale, y: Scale) -> fmt::Result {
        let title = escape(&self.title);
        writeln!(
            svg,
            r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" font-family="sans-serif" font-size="12"><title>{title}</title><rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/><text x="{LEFT}" y="20" font-size="14" font-weight="bold">{title}</text>"##
        )?;
        let (left, right, top, bottom) = (LEFT, WIDTH - RIGHT, TOP, HEIGHT - BOTTOM);
        for value in x.ticks() {
            let (at, text) = (x.place(value), short(value));
            writeln!(
                svg,
                r##"<path d="M{at:.1} {top}V{bottom}" stroke="#ddd"/><text x="{at:.1}" y="{}" text-anchor="middle">{text}</text>"##,
                bottom + 16.0
            )?;
        }
        for value in y.ticks() {
            let (at, text) = (y.place(value), short(value));
            writeln!(
                svg,
                r##"<path d="M{left} {at:.1}H{right}" stroke="#ddd"/><text x="{}" y="{:.1}" text-anchor="end">{text}</text>"##,
                left - 6.0,
                at + 4.0
            )?;
        }
        writeln!(
            svg,
            r##"<path d="M{left} {top}V{bottom}H{right}" fill="none" stroke="#444"/><text x="{}" y="{}" text-anchor="middle">{}</text><text transform="translate(16 {}) rotate(-90)" text-anchor="middle">{}</text>"##,
            f64::midpoint(left, right),
            HEIGHT - 12.0,
            escape(self.x.label),
            f64::midpoint(top, bottom),
            escape(self.y.label)
        )?;
        let mut legend = left;
        for (series, colour) in self.series.iter().zip(COLOURS.iter().cycle()) {
            let mut path = String::new();
            for (at, &(point_x, point_y)) in series.points.iter().enumerate() {
                let command = if at == 0 { 'M' } else { 'L' };
                write!(
                    path,
                    "{command}{:.1} {:.1}",
                    x.place(point_x),
                    y.place(point_y)
                )?;
            }
            writeln!(
                svg,
                r#"<path d="{path}" fill="none" stroke="{colour}" stroke-width="2"/><path d="M{legend:.1} 38h20" stroke="{colour}" stroke-width="3"/><text x="{:.1}" y="42">{}</text>"#,
                legend + 26.0,
                escape(&series.name)
            )?;
            legend += 46.0 + 6.5 * series.name.chars().count() as f64;
        }
        svg.write_str("</svg>\n")
    }
}

impl Scale {
    fn of(axis: Axis, values: impl Iterator<Item = f64>, from: f64, to: f64) -> Self {
        let mut range = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values.filter(|value| !axis.logarithmic || *value > 0.0) {
            range = (range.0.min(value), range.1.max(value));
        }
        let (low, high) = if range.0 > range.1 {
            (1.0, 10.0)
        } else if axis.logarithmic {
            // Whole decades, and at least one.
            let low = 10_f64.powf(range.0.log10().floor());
            (low, 10_f64.powf(range.1.log10().ceil()).max(low * 10.0))
        } else {
            let high = range.1.max(f64::MIN_POSITIVE);
            (0.0, (high / step(high)).ceil() * step(high))
        };
        Self {
            logarithmic: axis.logarithmic,
            low,
            high,
            from,
            to,
        }
    }

    /// Where a value lies in the picture.
    fn place(self, value: f64) -> f64 {
        let share = if self.logarithmic {
            (value.max(self.low) / self.low).log10() / (self.high / self.low).log10()
        } else {
            (value - self.low) / (self.high - self.low)
        };
        self.from + share * (self.to - self.from)
    }

    /// The values with a line of their own.
    fn ticks(self) -> Vec<f64> {
        let next = |value: &f64| {
            Some(if self.logarithmic {
                value * 10.0
            } else {
                value + step(self.high)
            })
        };
        std::iter::successors(Some(self.low), next)
            .take_while(|value| *value <= self.high * 1.000_001)
            .collect()
    }
}

/// How far apart the lines of a linear axis are that ends about here: 1, 2 or 5 of a decade.
fn step(high: f64) -> f64 {
    let decade = 10_f64.powf((high / 5.0).log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|step| step * decade);
    let fits = steps.into_iter().find(|step| high / step <= 6.0);
    fits.unwrap_or(steps[3])
}

/// A value with as many digits as it needs.
fn short(value: f64) -> String {
    let rounded = (value * 1e4).round() / 1e4;
    if rounded >= 1e6 {
        format!("{} M", rounded / 1e6)
    } else if rounded >= 1e4 {
        format!("{} k", rounded / 1e3)
    } else {
        rounded.to_string()
    }
}

/// A text as it may stand in a picture.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('`', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scale(logarithmic: bool, values: &[f64]) -> Scale {
        let axis = Axis {
            label: "",
            logarithmic,
        };
        Scale::of(axis, values.iter().copied(), 0.0, 100.0)
    }

    #[test]
    fn an_axis_ends_at_round_values() {
        let linear = scale(false, &[3.0, 47.0]);
        assert_eq!(linear.ticks(), [0.0, 10.0, 20.0, 30.0, 40.0, 50.0]);
        assert_eq!(linear.place(25.0), 50.0);
        let decades = scale(true, &[0.0, 2.0, 900.0]);
        assert_eq!(decades.ticks(), [1.0, 10.0, 100.0, 1_000.0]);
        assert_eq!((decades.place(0.0), decades.place(1_000.0)), (0.0, 100.0));
        assert_eq!(scale(true, &[]).ticks(), [1.0, 10.0]);
        assert_eq!(scale(false, &[0.0]).place(0.0), 0.0);
    }

    #[test]
    fn a_picture_shows_every_point_and_no_markup_of_names() {
        let plot = Plot {
            name: "test",
            title: "a < b & `c`".to_owned(),
            x: Axis {
                label: "x",
                logarithmic: false,
            },
            y: Axis {
                label: "y",
                logarithmic: true,
            },
            series: vec![Series {
                name: "<s>".to_owned(),
                points: vec![(0.0, 1.0), (10.0, 10.0)],
            }],
        };
        let svg = plot.svg();
        assert!(svg.contains("<title>a &lt; b &amp; c</title>"));
        assert!(svg.contains("M70.0 310.0L700.0 60.0"), "{svg}");
        assert!(svg.contains("&lt;s&gt;") && svg.ends_with("</svg>\n"));
    }
}
