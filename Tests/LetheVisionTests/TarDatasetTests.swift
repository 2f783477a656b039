import Foundation
import LetheRecords
import LetheVision
import TestSupport
import Testing

@Suite("Datasets in a tar archive")
struct TarDatasetTests {
    private func dataset(tar: [UInt8], index: String) throws -> ImageDataset {
        let files = try DatasetFiles()
        try files.write(tar, "images.tar")
        try files.write(index, "index.tsv")
        let dataset = try ImageDataset.open(files.url)
        if let sample = dataset.splits.values.joined().first { _ = try dataset.bytes(of: sample) }
        return dataset
    }

    @Test("The columns are found by their names, in any order")
    func columns() throws {
        let tar =
            DatasetFiles.tarEntry("a/1.png", [1, 2, 3]) + DatasetFiles.tarEntry("b/2.png", [4])
            + DatasetFiles.tarEnd
        let two = try dataset(
            tar: tar,
            index: "file\tsplit\tidentity\tlabel\n"
                + "b/2.png\ttest\tBe\t1\na/1.png\ttrain\tAh\t0\n")
        #expect(two.splits["train"]?.map(\.label) == [0])
        #expect(two.splits["test"]?.map(\.label) == [1])
        #expect(two.classNames == ["Ah", "Be"])
        let one = try dataset(tar: tar, index: "class_index\twnid\tname\tfile\n1\tn\tx\ta/1.png\n")
        #expect(one.splits["all"]?.map(\.label) == [1])
        #expect(one.classCount == 2)
        #expect(one.classNames == nil)
    }

    @Test("Long names of GNU tar and of pax are read")
    func longNames() throws {
        let name = String(repeating: "long/", count: 30) + "1.png"
        let record = "path=\(name)\n"
        let length = record.utf8.count + 4
        let pax = Array("\(length) \(record)".utf8)
        for head in [
            DatasetFiles.tarEntry("././@LongLink", Array(name.utf8) + [0], type: "L"),
            DatasetFiles.tarEntry("PaxHeader", pax, type: "x"),
        ] {
            let tar = head + DatasetFiles.tarEntry("long", [7, 8]) + DatasetFiles.tarEnd
            let read = try dataset(tar: tar, index: "label\tfile\n0\t\(name)\n")
            #expect(read.splits["all"]?.count == 1)
        }
    }

    static let damaged: [(tar: [UInt8], index: String, word: String)] = [
        (DatasetFiles.tarEntry("a", [1]), "label\tfile\n0\tb\n", "row 2"),
        (DatasetFiles.tarEntry("a", [1]), "label\tfile\nx\ta\n", "row 2"),
        (DatasetFiles.tarEntry("a", [1]), "label\tfile\n-1\ta\n", "row 2"),
        (DatasetFiles.tarEntry("a", [1]), "label\tfile\n0\n", "1 columns"),
        (DatasetFiles.tarEntry("a", [1]), "0\ta\n", "label column"),
        (DatasetFiles.tarEntry("a", [1]), "", "empty"),
        (DatasetFiles.tarEntry("a", [1]), "label\tfile\n", "no images"),
        (DatasetFiles.tarEntry("a", [1], type: "2"), "label\tfile\n0\ta\n", "row 2"),
        (Array(DatasetFiles.tarEntry("a", [1]).prefix(500)), "label\tfile\n0\ta\n", "header"),
        (
            DatasetFiles.tarEntry("a", [1], size: 4_000_000_000), "label\tfile\n0\ta\n",
            "middle of a file"
        ),
        ([9] + DatasetFiles.tarEntry("a", [1]).dropFirst(), "label\tfile\n0\ta\n", "damaged"),
        (
            DatasetFiles.tarEntry("a", [1]) + DatasetFiles.tarEntry("a", [2]),
            "label\tfile\n0\ta\n", "two files"
        ),
        (
            DatasetFiles.tarEntry("p", Array("99999 path=a\n".utf8), type: "x")
                + DatasetFiles.tarEntry("a", [1]), "label\tfile\n0\ta\n", "pax"
        ),
    ]

    @Test("Damaged archives and indexes are refused with the place", arguments: damaged)
    func damagedFiles(tar: [UInt8], index: String, word: String) throws {
        let error = try #require(throws: LetheError.self) { try dataset(tar: tar, index: index) }
        #expect(error.says(word), "\(error)")
    }
}
