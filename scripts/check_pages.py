"""Walks every page of a running server in a browser, by day and by night, on a desk and on a phone.

Checks each page: nothing in the browser's console, no request to another host, no sideways
scrolling at 360 pixels, nothing that axe-core complains about, HTML that html5lib takes without
a complaint; and of each kind of page, that the keyboard reaches everything in order and shows
where it is. Takes screenshots. Called by scripts/check-pages.
"""

import argparse
import base64
import io
import json
import pathlib
import re
import sys
import urllib.error
import urllib.parse
import urllib.request

import axe_playwright_python
import html5lib
import PIL.Image
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

# The first two show every colour and every width once; CI walks these.
VIEWS = {
    "desk-light": (1280, 900, "light"), "phone-dark": (360, 740, "dark"),
    "desk-dark": (1280, 900, "dark"), "phone-light": (360, 740, "light"),
}
# What the guides show: the name of the picture, the pages it may be of (the last one seen is
# taken), the view, and how much of the page, in pixels.
PICTURES = [
    ("model", r"/models/fashion-vit", "desk-light", 1060),
    ("certificate", r"/models/fashion-vit/v\d+/certificate", "desk-light", 1000),
    ("due", r"/requests", "desk-light", 660),
    ("erased", r"/models/fashion-vit/erased", "desk-light", 900),
    ("request", r"/requests/c-\w+", "phone-dark", 1180),
]
# A log has many entries, and one page is like the other.
MOST_OF_A_KIND = 8
PICTURE_LIMIT_BYTES = 60 << 10
AXE = next(pathlib.Path(axe_playwright_python.__file__).parent.glob("**/axe.min.js")).read_text()
AXE_RUN = """const done = arguments[0];
axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    resultTypes: ['violations']}).then(r => done(r.violations));"""
# Everything that the keyboard must reach, in the order of the document.
REACHABLE = """window.stops = [...document.querySelectorAll(
    'a[href], button, input:not([type=hidden]), summary, [tabindex="0"]')]
    .filter(e => e.checkVisibility()); return window.stops.length;"""
# Which of these has the focus, and whether it shows that it has and lies within the window.
FOCUSED = """const e = document.activeElement, style = getComputedStyle(e),
    box = e.getBoundingClientRect();
return [window.stops.indexOf(e), style.outlineStyle != 'none' && parseFloat(style.outlineWidth) > 0,
    box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth];"""


def browser():
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for argument in ["--headless=new", "--no-sandbox", "--hide-scrollbars", "--disable-gpu",
                     "--disable-dev-shm-usage", "--disable-background-networking"]:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(
        options=options, service=webdriver.ChromeService("/usr/bin/chromedriver"))
    # A busy machine is no fault of a page.
    driver.set_page_load_timeout(120)
    driver.set_script_timeout(120)
    return driver


def kind(path):
    """The same for all pages that are made by the same code."""
    path = re.sub(r"^(/(?:models|datasets|policies)/)[^/?]+", r"\1NAME", path)
    return re.sub(r"\?.*|\d[0-9a-f]*", "N", re.sub(r"/(c|r)-\w+", r"/\1-ID", path))


class Walk:
    def __init__(self, driver, base, shots):
        self.driver, self.base, self.shots = driver, base, shots
        self.faults, self.seen, self.kinds, self.pictures = [], {}, set(), {}
        self.counts = {}

    def show_as(self, view):
        width, height, scheme = VIEWS[view]
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500})
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "features": [{"name": "prefers-color-scheme", "value": scheme}]})

    def sign_in(self, token):
        """With the keyboard alone, through the form."""
        self.driver.get(self.base + "/requests")
        self.driver.get_log("browser")  # the browser notes the 401 that shows the form
        field = self.driver.find_element(By.ID, "token")
        field.send_keys(token + Keys.ENTER)
        if self.driver.current_url != self.base + "/requests":
            self.faults.append("signing in did not lead back to where it began")

    def fault(self, view, path, words):
        self.faults.append(f"{view} {path}: {words}")

    def visit(self, view, path, answers=200):
        """Looks at a page and gives the links on it; the browser notes answers other than 200."""
        self.driver.get(self.base + path)
        noted = self.driver.get_log("browser")
        for entry in noted if answers == 200 else noted[1:]:
            self.fault(view, path, f"console: {entry['message'][:200]}")
        self.check_hosts(view, path)
        width = self.driver.execute_script("return document.documentElement.scrollWidth")
        if width > VIEWS[view][0]:
            self.fault(view, path, f"{width} pixels wide in a window of {VIEWS[view][0]}")
        self.check_axe(view, path)
        self.take_pictures(view, path)
        links = self.driver.execute_script(
            "return [...document.querySelectorAll('a[href]')].map(e => e.getAttribute('href'))")
        if (view, kind(path)) not in self.kinds:
            self.kinds.add((view, kind(path)))
            self.check_keyboard(view, path)
        return links

    def check_hosts(self, view, path):
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                url = message["params"]["request"]["url"]
                if not url.startswith((self.base + "/", "data:", "about:", "file:")):
                    self.fault(view, path, f"asks for {url}")

    def check_axe(self, view, path):
        self.driver.execute_script(AXE)
        for one in self.driver.execute_async_script(AXE_RUN):
            where = one["nodes"][0]["html"][:160]
            self.fault(view, path, f"axe {one['id']}: {one['help']} ({where})")

    def check_keyboard(self, view, path):
        """Tab reaches everything once, in order, and what has the focus shows it."""
        for place in range(self.driver.execute_script(REACHABLE)):
            ActionChains(self.driver, duration=0).send_keys(Keys.TAB).perform()
            found, is_marked, is_visible = self.driver.execute_script(FOCUSED)
            if found != place:
                self.fault(view, path, f"Tab leads to element {found} instead of {place}")
                return
            if not (is_marked and is_visible):
                self.fault(view, path, f"element {place} does not show that it has the focus")

    def take_pictures(self, view, path):
        if self.shots:
            name = path.strip("/").replace("/", "_").replace("?", "_") or "home"
            (self.shots / f"{name}.{view}.png").write_bytes(self.screenshot(view, 6000))
        for name, pattern, wanted, height in PICTURES:
            if view == wanted and re.fullmatch(pattern, path):
                self.pictures[name] = self.screenshot(view, height)

    def screenshot(self, view, height):
        size = self.driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
        image = self.driver.execute_cdp_cmd("Page.captureScreenshot", {
            "captureBeyondViewport": True,
            "clip": {"x": 0, "y": 0, "width": VIEWS[view][0],
                     "height": min(size["height"], height), "scale": 1}})
        return base64.b64decode(image["data"])

    def walk(self, view, start):
        """Follows links from page to page until all are seen."""
        self.show_as(view)
        waiting, found = list(start), set(start)
        while waiting:
            path = waiting.pop(0)
            self.seen.setdefault(path, []).append(view)
            for link in self.visit(view, path):
                target = urllib.parse.urldefrag(link).url
                if not target.startswith("/") or target.startswith("//"):
                    if not link.startswith("#"):
                        self.fault(view, path, f"leads to {link}")
                elif target not in found and "/resolve/" not in target:
                    found.add(target)
                    if self.count_kind(view, target) <= MOST_OF_A_KIND:
                        waiting.append(target)

    def count_kind(self, view, path):
        """How many pages of this one's kind were found in this view; of a log only some are seen."""
        self.counts[view, kind(path)] = count = self.counts.get((view, kind(path)), 0) + 1
        return count


def write_pictures(walk, folder):
    """The pictures of the guides, with few enough colours to be small."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, pattern, _, _ in PICTURES:
        if name not in walk.pictures:
            walk.faults.append(f"no page like {pattern} for the picture {name}")
            continue
        image = PIL.Image.open(io.BytesIO(walk.pictures[name])).convert("RGB")
        file = folder / f"{name}.png"
        image.quantize(128, kmeans=1, dither=PIL.Image.Dither.NONE).save(file, optimize=True)
        if file.stat().st_size > PICTURE_LIMIT_BYTES:
            walk.faults.append(f"{file.name} has {file.stat().st_size} bytes")


def check_source(walk, token):
    """Every page again, without a browser, by a strict parser of HTML."""
    for path in walk.seen:
        request = urllib.request.Request(walk.base + path, headers={
            "Authorization": f"Bearer {token}", "Accept": "text/html"})
        try:
            answer = urllib.request.urlopen(request)
        except urllib.error.HTTPError as error:
            walk.faults.append(f"{path}: {error.code}")
            continue
        try:
            html5lib.HTMLParser(strict=True).parse(answer.read())
        except html5lib.html5parser.ParseError as error:
            walk.faults.append(f"{path}: not well-formed: {error!r}")


def walk_all(walk, given, views):
    walk.show_as("desk-light")
    walk.visit("desk-light", "/sign-in")
    walk.sign_in(given.token)
    for view in views:
        walk.walk(view, ["/", "/search?q=forget"])
        walk.visit(view, "/models/nobody", answers=404)
        if given.report:
            base, walk.base = walk.base, "file://" + str(given.report.resolve().parent)
            walk.visit(view, "/" + given.report.name)
            walk.base = base
    check_source(walk, given.token)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("base")
    arguments.add_argument("--token", required=True)
    arguments.add_argument("--shots", type=pathlib.Path, help="keep a picture of every page")
    arguments.add_argument(
        "--screenshots", type=pathlib.Path, help="write the pictures of the guides")
    arguments.add_argument("--report", type=pathlib.Path, help="a page of lethe-audit, too")
    arguments.add_argument("--view", action="append", choices=[*VIEWS, "all"])
    given = arguments.parse_args()
    views = list(VIEWS)[:2] if not given.view else given.view
    if "all" in views:
        views = list(VIEWS)
    if given.shots:
        given.shots.mkdir(parents=True, exist_ok=True)
    driver = browser()
    try:
        walk = Walk(driver, given.base, given.shots)
        walk_all(walk, given, views)
        if given.screenshots:
            write_pictures(walk, given.screenshots)
    finally:
        driver.quit()
    print("\n".join(sorted(set(walk.faults))))
    print(f"{len(walk.seen)} pages of {len(set(map(kind, walk.seen)))} kinds in {len(views)} "
          f"views, {len(set(walk.faults))} faults")
    sys.exit(1 if walk.faults else 0)


main()
