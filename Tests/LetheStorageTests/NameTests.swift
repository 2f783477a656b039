import LetheRecords
import Testing

@testable import LetheStorage

@Suite("Names and paths")
struct NameTests {
    @Test(
        "Names that are safe everywhere are accepted",
        arguments: ["faces", "vit-s14", "a", "0", "a.b_c-d", String(repeating: "a", count: 64)])
    func accepted(name: String) throws {
        #expect(try ReferenceName.model(name).description == "refs/heads/\(name)")
        #expect(ReferenceName("refs/heads/\(name)") != nil)
        #expect(try ReferenceName.dataset(name).name == name)
    }

    @Test(
        "Names that could leave the folder, hide or confuse are refused",
        arguments: [
            "", "..", "a..b", "a/b", "/a", ".a", "-a", "A", "a b", "a\n", "\u{0}", "a\u{7f}",
            "a.lock", "a.", "é", "a~1", "a^", "a:b", "a\\b", "a@{1}",
            String(repeating: "a", count: 65),
        ])
    func refused(name: String) {
        let error = #expect(throws: LetheError.self) { try ReferenceName.model(name) }
        #expect(error?.code == .invalidArgument)
        #expect(error?.remedy != nil)
        #expect(throws: LetheError.self) { try ReferenceName.dataset(name) }
        #expect(throws: LetheError.self) { try ReferenceName.tag(name, of: "faces") }
        #expect(ReferenceName("refs/heads/\(name)") == nil)
    }

    @Test(
        "Only references that Lethe makes are read",
        arguments: [
            "HEAD", "refs/heads", "refs/heads/a/b", "refs/tags/a", "refs/remotes/a", "heads/a",
            "refs/heads/a/", "x/heads/a",
        ])
    func foreign(name: String) {
        #expect(ReferenceName(name) == nil)
    }

    @Test("A tag belongs to a model")
    func tag() throws {
        let tag = try ReferenceName.tag("v1", of: "faces")
        #expect(tag.description == "refs/tags/faces/v1")
        #expect(tag.isTag && tag.name == "v1")
        #expect(ReferenceName(tag.description) == tag)
    }

    @Test(
        "Ordinary paths are accepted",
        arguments: [
            "model.safetensors", ".lethe/version.json", "a/b/c.txt", ".gitattributes", "größe.txt",
            "with space.txt", "console.txt",
        ])
    func acceptedPath(path: String) throws {
        #expect(try TreePath(path).description == path)
    }

    @Test(
        "Paths that leave the folder, or are special somewhere, are refused",
        arguments: [
            "", "/", "/etc/passwd", "..", "../x", "a/../x", "a//b", "a/", "./a", ".git/config",
            ".GIT/config", "a/.git", "git~1", "a\\b", "c:", "a\nb", "a\u{0}b", "nul", "CON.txt",
            "com1.json", "a.", "a ", "a\u{202e}b", "a\u{200d}", ".lethe-5.tmp",
            // Swift takes a slash with a mark behind it, or some letters before it, for one letter.
            "../\u{301}x", "a/../\u{301}x", "a/\u{301}/../../x", "a\u{d4e}/../x", "\u{301}x",
            "a/\u{fe0f}",
            String(repeating: "a/", count: 300) + "a",
        ])
    func refusedPath(path: String) {
        let error = #expect(throws: LetheError.self) { try TreePath(path) }
        #expect(error?.code == .refused)
    }

    @Test(
        "Paths that one file system takes for the same file collide",
        arguments: [
            ("README", "readme"), ("\u{e9}", "e\u{301}"), ("\u{fb01}le", "file"),
        ])
    func collisions(one: String, other: String) throws {
        let paths = [try TreePath(one), try TreePath(other)]
        #expect(throws: LetheError.self) { try TreePath.refuseCollisions(paths) }
    }
}
