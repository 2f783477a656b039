"""Walks every page of a running server in a browser, by day and by night, on a desk and on a phone.

Checks each page: nothing in the browser's console, no request to another host, no sideways
scrolling at 360 pixels, nothing that axe-core complains about, HTML that html5lib takes without
a complaint. Takes screenshots. Called by scripts/check-pages.
"""

import argparse
import json
import pathlib
import sys
import urllib.parse
import urllib.request

import axe_core_python
import html5lib
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

VIEWS = {
    "desk-light": (1280, 900, "light"), "desk-dark": (1280, 900, "dark"),
    "phone-light": (360, 740, "light"), "phone-dark": (360, 740, "dark"),
}
AXE = next(pathlib.Path(axe_core_python.__file__).parent.glob("**/axe.min.js")).read_text()


def browser():
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for argument in ["--headless=new", "--no-sandbox", "--hide-scrollbars", "--disable-gpu",
                     "--disable-dev-shm-usage", "--disable-background-networking"]:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    service = webdriver.ChromeService("/usr/bin/chromedriver")
    return webdriver.Chrome(options=options, service=service)


class Walk:
    def __init__(self, driver, base, shots):
        self.driver, self.base, self.shots = driver, base, shots
        self.faults, self.seen = [], {}

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

    def visit(self, view, path):
        self.driver.get(self.base + path)
        for entry in self.driver.get_log("browser"):
            self.fault(view, path, f"console: {entry['message'][:200]}")
        self.check_hosts(view, path)
        width = self.driver.execute_script("return document.documentElement.scrollWidth")
        if width > VIEWS[view][0]:
            self.fault(view, path, f"{width} pixels wide in a window of {VIEWS[view][0]}")
        self.check_axe(view, path)
        if self.shots:
            self.screenshot(view, path)
        links = self.driver.find_elements(By.CSS_SELECTOR, "a[href]")
        return [link.get_dom_attribute("href") for link in links]

    def check_hosts(self, view, path):
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                url = message["params"]["request"]["url"]
                if not url.startswith((self.base + "/", "data:", "about:", "file:")):
                    self.fault(view, path, f"asks for {url}")

    def check_axe(self, view, path):
        self.driver.execute_script(AXE)
        found = self.driver.execute_async_script(
            "const done = arguments[0]; axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a',"
            "'wcag21aa', 'best-practice']}).then(r => done(r.violations));")
        for one in found:
            where = one["nodes"][0]["html"][:160]
            self.fault(view, path, f"axe {one['id']}: {one['help']} ({where})")

    def screenshot(self, view, path):
        name = path.strip("/").replace("/", "_").replace("?", "_") or "home"
        size = self.driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
        image = self.driver.execute_cdp_cmd("Page.captureScreenshot", {
            "captureBeyondViewport": True,
            "clip": {"x": 0, "y": 0, "width": VIEWS[view][0],
                     "height": min(size["height"], 6000), "scale": 1}})
        import base64
        (self.shots / f"{name}.{view}.png").write_bytes(base64.b64decode(image["data"]))

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
                    waiting.append(target)


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


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("base")
    arguments.add_argument("--token", required=True)
    arguments.add_argument("--shots", type=pathlib.Path)
    arguments.add_argument("--report", type=pathlib.Path, help="a page of lethe-audit, too")
    arguments.add_argument("--view", action="append", choices=VIEWS)
    given = arguments.parse_args()
    if given.shots:
        given.shots.mkdir(parents=True, exist_ok=True)
    driver = browser()
    try:
        walk = Walk(driver, given.base, given.shots)
        walk.show_as("desk-light")
        walk.visit("desk-light", "/sign-in")
        walk.sign_in(given.token)
        for view in given.view or VIEWS:
            walk.walk(view, ["/", "/search?q=forget"])
            if given.report:
                base, walk.base = walk.base, "file://" + str(given.report.resolve().parent)
                walk.visit(view, "/" + given.report.name)
                walk.base = base
        check_source(walk, given.token)
    finally:
        driver.quit()
    print("\n".join(sorted(set(walk.faults))))
    print(f"{len(walk.seen)} pages in {len(given.view or VIEWS)} views, "
          f"{len(walk.faults)} faults")
    sys.exit(1 if walk.faults else 0)


main()
