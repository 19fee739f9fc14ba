# How Sphinx makes the site: docs/site/build runs it.
import os
import re

project = "xgrad"
author = "xgrad contributors"
copyright = "2026, xgrad contributors"
release = os.environ["XGRAD_VERSION"]

extensions = ["myst_parser", "breathe"]
source_suffix = [".md"]
root_doc = "README"
exclude_patterns = ["docs/site"]

myst_heading_anchors = 4  # links to headings, as GitHub makes them
myst_enable_extensions = ["html_image"]
breathe_projects = {"xgrad": os.environ["XGRAD_XML"]}
breathe_default_project = "xgrad"
breathe_show_include = False
cpp_id_attributes = ["constinit"]

html_theme = "furo"
html_title = f"xgrad {release}"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_copy_source = False
html_show_sphinx = False
pygments_style = "friendly"
pygments_dark_style = "monokai"
highlight_language = "none"

# What breathe makes of templates with requirements is not all C++ to Sphinx' parser; the text of the declaration is right.
suppress_warnings = ["cpp", "myst.strikethrough"]


def for_site(app, docname, source):
    """The documents are for a reader of the tree, too: comments that tests read are left out here."""
    source[0] = re.sub(r"<!-- (example|output|derivation|end of)[^>]*-->\n", "", source[0])
    folder = os.path.dirname(os.path.join(app.srcdir, docname))

    def without_folders(link):  # a link to a folder leads nowhere in a site
        return link[1] if os.path.isdir(os.path.join(folder, link[2])) else link[0]

    source[0] = re.sub(r"\[([^\[\]]+)\]\(([\w./-]+)\)", without_folders, source[0])
    if docname == "README":
        source[0] += contents(app)


def contents(app):
    """The pages that the site's menu has, in the order in which one would read them."""
    def tree(caption, names):
        return "\n```{toctree}\n:hidden:\n:caption: " + caption + "\n\n" + "\n".join(names) + "\n```\n"

    with open(os.path.join(app.srcdir, "docs", "site", "menu.txt")) as menu:
        parts = [part.split("\n") for part in menu.read().strip().split("\n\n")]
    api = sorted(name[:-3] for name in os.listdir(os.path.join(app.srcdir, "api")))
    return "".join(tree(part[0], part[1:]) for part in parts) + tree("API", [f"api/{name}" for name in api])


def setup(app):
    app.connect("source-read", for_site)
