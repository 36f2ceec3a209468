//! A flame graph as SVG: a box for each function, as wide as its share of the samples, on top of
//! that which called it. Names are whole in the boxes' titles, which viewers show.

use std::fmt::{self, Write};

use super::stacks::{Function, Node, Owner, Stacks};
use crate::report::escape;

const WIDTH: f64 = 1_200.0;
const MARGIN: f64 = 10.0;
/// The height of a box, and of the lines above them.
const ROW: f64 = 17.0;
const TOP: f64 = 64.0;
/// A narrower box shows nothing.
const BOX_MIN: f64 = 1.2;
/// How wide a letter is at most, about.
const LETTER: f64 = 6.3;

/// A picture.
#[derive(Debug)]
pub(super) struct Flame<'a> {
    pub(super) title: &'a str,
    pub(super) stacks: &'a Stacks,
}

impl Flame<'_> {
    /// Whose code the samples were taken in.
    pub(super) fn summary(&self) -> String {
        let share = |owner| 100.0 * self.stacks.samples_of(owner) as f64 / self.samples();
        format!(
            "{} samples: {:.1} % in the kernel, {:.1} % in the server, {:.1} % in libraries",
            self.stacks.samples(),
            share(Owner::Kernel),
            share(Owner::Server),
            share(Owner::Library)
        )
    }

    /// The picture itself.
    pub(super) fn svg(&self) -> String {
        let mut svg = String::new();
        self.write(&mut svg)
            .expect("writing to memory does not fail");
        svg
    }

    fn samples(&self) -> f64 {
        self.stacks.samples() as f64
    }

    /// How wide one sample is.
    fn scale(&self) -> f64 {
        (WIDTH - 2.0 * MARGIN) / self.samples()
    }

    fn write(&self, svg: &mut String) -> fmt::Result {
        let rows = self.stacks.root.depth(BOX_MIN / self.scale());
        let height = TOP + ROW * rows as f64 + MARGIN;
        let (title, summary) = (escape(self.title), self.summary());
        writeln!(
            svg,
            r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" font-family="sans-serif" font-size="11">
<style>rect{{stroke:#fff;stroke-width:.5}}.t{{fill:#ddd}}.s{{fill:#e69f00}}.l{{fill:#f0e442}}.k{{fill:#8cc5ea}}</style>
<title>{title}</title><rect width="{WIDTH}" height="{height}" fill="#fff"/>
<text x="{MARGIN}" y="20" font-size="14" font-weight="bold">{title}</text><text x="{MARGIN}" y="38">{summary}</text>"##
        )?;
        let legend = [
            (Owner::Server, "server"),
            (Owner::Library, "libraries"),
            (Owner::Kernel, "kernel"),
        ];
        for (at, (owner, name)) in legend.into_iter().enumerate() {
            let x = MARGIN + 80.0 * at as f64;
            let class = class(owner);
            writeln!(
                svg,
                r#"<rect class="{class}" x="{x}" y="46" width="12" height="12"/><text x="{}" y="56">{name}</text>"#,
                x + 16.0
            )?;
        }
        self.write_callees(svg, &self.stacks.root, MARGIN, height - MARGIN - ROW)?;
        svg.write_str("</svg>\n")
    }

    /// Writes what a function called, from `x` on and with the lowest boxes at `y`.
    fn write_callees(&self, svg: &mut String, node: &Node, mut x: f64, y: f64) -> fmt::Result {
        for (function, callee) in &node.callees {
            let width = callee.samples as f64 * self.scale();
            if width >= BOX_MIN {
                self.write_box(svg, function, callee, (x, y), width)?;
                self.write_callees(svg, callee, x, y - ROW)?;
            }
            x += width;
        }
        Ok(())
    }

    fn write_box(
        &self,
        svg: &mut String,
        function: &Function,
        node: &Node,
        (x, y): (f64, f64),
        width: f64,
    ) -> fmt::Result {
        let class = class(function.owner);
        let name = escape(&function.name);
        let share = 100.0 * node.samples as f64 / self.samples();
        write!(
            svg,
            r#"<g><title>{name}, {share:.1} %</title><rect class="{class}" x="{x:.1}" y="{y}" width="{width:.1}" height="{ROW}"/>"#
        )?;
        if let Some(label) = label(&function.name, width) {
            let (x, y) = (x + 3.0, y + 12.5);
            write!(svg, r#"<text x="{x:.1}" y="{y}">{}</text>"#, escape(&label))?;
        }
        svg.write_str("</g>\n")
    }
}

fn class(owner: Owner) -> char {
    match owner {
        Owner::Thread => 't',
        Owner::Server => 's',
        Owner::Library => 'l',
        Owner::Kernel => 'k',
    }
}

/// As much of a name as fits into a box: of a path its end, which says most.
fn label(name: &str, width: f64) -> Option<String> {
    // Positive, and far below what an integer holds.
    let room = (width / LETTER) as usize;
    let letters = name.chars().count();
    if letters < room {
        return Some(name.to_owned());
    }
    let end = name.rsplit("::").next().unwrap_or(name);
    if end.chars().count() < room {
        return Some(end.to_owned());
    }
    // Fewer letters than these could be any name.
    (room > 4).then(|| end.chars().take(room - 2).chain(['…']).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_cut_to_what_fits() {
        assert_eq!(label("a::run", 100.0).as_deref(), Some("a::run"));
        assert_eq!(
            label("server::worker::run", 60.0).as_deref(),
            Some("run"),
            "the end of a path"
        );
        assert_eq!(
            label("tcp_sendmsg_locked", 63.0).as_deref(),
            Some("tcp_send…")
        );
        assert_eq!(label("tcp_sendmsg_locked", 20.0), None);
    }

    #[test]
    fn boxes_stand_on_their_callers() {
        let text = "w \n\tffffffff81e2f2e2 b<c>\n\t 1 a\n\nw \n\t 1 a\n\n";
        let stacks = Stacks::parse(text, "");
        let flame = Flame {
            title: "title",
            stacks: &stacks,
        };
        let svg = flame.svg();
        let rect = |class, y, width| {
            format!(r#"<rect class="{class}" x="10.0" y="{y}" width="{width}" height="17"/>"#)
        };
        for expected in [
            rect('t', 98, "1180.0"),
            rect('l', 81, "1180.0"),
            rect('k', 64, "590.0"),
            "b&lt;c&gt;, 50.0 %".to_owned(),
            "2 samples: 50.0 % in the kernel, 0.0 % in the server, 50.0 % in libraries".to_owned(),
        ] {
            assert!(svg.contains(&expected), "{expected} is not in {svg}");
        }
    }
}
