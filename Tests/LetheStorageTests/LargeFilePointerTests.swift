import Foundation
import LetheRecords
import TestSupport
import Testing

@testable import LetheStorage

@Suite("git-lfs pointers")
struct LargeFilePointerTests {
    /// The example of the git-lfs specification (docs/spec.md).
    let example = """
        version https://git-lfs.github.com/spec/v1
        oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393
        size 12345

        """

    @Test("The example of the specification is read and written")
    func specification() throws {
        let pointer = try #require(try LargeFilePointer.parse(Array(example.utf8)))
        #expect(pointer.sizeBytes == 12_345)
        #expect(pointer.bytes == Array(example.utf8))
    }

    @Test("git-lfs makes the same pointer", .enabled(if: Command.has("git-lfs"), "needs git-lfs"))
    func stockClient() throws {
        let folder = try TemporaryFolder()
        try Data("abc".utf8).write(to: folder.url.appending(path: "file"))
        let made = try Command.run("git-lfs", ["pointer", "--file=file"], in: folder.url).output
        let ours = LargeFilePointer(digest: Digest(hashing: Array("abc".utf8)), sizeBytes: 3)
        #expect(made.contains(String(decoding: ours.bytes, as: UTF8.self)))
    }

    @Test("Text that does not begin as a pointer is none", arguments: ["", "hello", "oid x"])
    func noPointer(text: String) throws {
        #expect(try LargeFilePointer.parse(Array(text.utf8)) == nil)
    }

    @Test(
        "Every other spelling is refused",
        arguments: [
            ("size 12345", "size 012345"), ("size 12345", "size +12345"), ("size 12345", "size -1"),
            ("size 12345\n", "size 12345"), ("size 12345\n", "size 12345\n\n"), ("\n", "\r\n"),
            ("oid sha256:4d", "oid sha256:4D"), ("oid sha256", "oid sha1"),
            ("/spec/v1", "/spec/v2"),
            ("size", "ext-0-foo sha256:00\nsize"), ("oid ", "oid  "),
            ("size 12345", "size 99999999999999999999"),
        ])
    func refused(part: String, replacement: String) {
        let text = example.replacing(part, with: replacement)
        let error = #expect(throws: LetheError.self) {
            try LargeFilePointer.parse(Array(text.utf8))
        }
        #expect(error?.code == .malformed)
    }
}
