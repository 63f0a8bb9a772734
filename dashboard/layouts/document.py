"""The HTML document around every page that Dash builds; it sets the language, which Dash does not."""

DOCUMENT = """<!DOCTYPE html>
<html lang="en">
    <head>
        {%metas%}
        <title>{%title%}</title>
        {%favicon%}
        {%css%}
    </head>
    <body>
        {%app_entry%}
        STATIC
        <footer>
            {%config%}
            {%scripts%}
            {%renderer%}
        </footer>
    </body>
</html>"""


def document(templates: str = "") -> str:
    """The document with the static markup of its page (`layouts.static.taken_out`)."""
    return DOCUMENT.replace("STATIC", templates, 1)
