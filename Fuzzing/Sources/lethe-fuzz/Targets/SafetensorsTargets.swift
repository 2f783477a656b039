internal import LetheRecords

@testable internal import LetheStorage

extension Target {
    static let safetensorsTargets = [
        Target(
            name: "safetensors",
            seeds: ["Tests/Fixtures/safetensors", "Tests/Fixtures/merging"]
        ) { input in
            // The data need not be there: the file is as long as the header wants it to be.
            let sizeBytes = try announcedSizeBytes(input) ?? input.count
            let header = try SafetensorsHeader(parsing: input, fileSizeBytes: sizeBytes)
            checkCoverage(header, fileSizeBytes: sizeBytes)
            checkWriting(header)
            if sizeBytes < 1 << 32 { checkSegments(header) }
        }
    ]

    /// Where the last tensor of a header would end, by a reader that checks nothing else.
    private static func announcedSizeBytes(_ input: [UInt8]) throws -> Int? {
        let end = 8 + (try SafetensorsHeader.jsonLength(ofFirstEight: input))
        guard end <= input.count, let json = try? StrictJSON.parse(Array(input[8..<end])) else {
            return nil
        }
        let ends = (json.objectValue ?? [:]).values.compactMap {
            $0["data_offsets"]?.arrayValue?.last?.integerValue
        }
        let (sizeBytes, overflow) = end.addingReportingOverflow(max(0, ends.max() ?? 0))
        return overflow ? nil : sizeBytes
    }

    private static func checkCoverage(_ header: SafetensorsHeader, fileSizeBytes: Int) {
        var end = 0
        for entry in header.entries {
            require(entry.dataRange.lowerBound == end, "There is a hole or an overlap")
            let sizeBytes = expecting("An accepted tensor has a size") {
                try SafetensorsHeader.sizeBytes(
                    elementType: entry.elementType, shape: entry.shape)
            }
            require(sizeBytes == entry.dataRange.count, "A tensor is not as long as its shape")
            end = entry.dataRange.upperBound
        }
        require(header.headerSizeBytes + end == fileSizeBytes, "The tensors do not fill the file")
        require(header.fileSizeBytes == fileSizeBytes, "The header contradicts itself")
    }

    /// Written again and read again, a header says the same; the layout is a layout.
    private static func checkWriting(_ header: SafetensorsHeader) {
        let written = SafetensorsHeader.encode(header.entries, metadata: header.metadata)
        let again = expecting("A written header is read") {
            try SafetensorsHeader(
                parsing: written, fileSizeBytes: written.count + header.dataSizeBytes)
        }
        require(again.entries == header.entries, "A header lost tensors when it was written")
        require(again.metadata == header.metadata, "A header lost metadata when it was written")
        let tensors = header.entries.map { ($0.name, $0.elementType, $0.shape) }
        let laidOut = expecting("Accepted tensors are laid out") {
            try SafetensorsHeader.layOut(tensors)
        }
        require(
            laidOut.last?.dataRange.upperBound ?? 0 == header.dataSizeBytes,
            "The layout has another size")
    }

    /// The objects that the file is cut into follow each other from its first byte to its last.
    private static func checkSegments(_ header: SafetensorsHeader) {
        var end = 0
        for segment in SegmentPlan(header).segments {
            require(segment.lowerBound == end && !segment.isEmpty, "The cuts leave something out")
            end = segment.upperBound
        }
        require(end == header.fileSizeBytes, "The cuts do not cover the file")
    }
}
