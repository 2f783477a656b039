internal import LetheRecords

/// What came of reading a file.
struct FileIntake {
    let parts: [AssemblyRecipe.Part]
    let whole: Digest
    /// States of the hash of the whole that are worth remembering.
    let states: [HashState]
}

extension ObjectBatch {
    /// Adds the segments of a long file, hashing on other threads what this one writes.
    ///
    /// Every change to the disk happens on the calling thread, in the order of the file.
    func putInParallel(
        _ source: IntakeFile, onBytes: (Int) -> Void
    ) throws(LetheError) -> FileIntake {
        let path = source.opened.file.path
        let pipeline = IntakePipeline(source.opened, source.segments)
        defer { pipeline.stop() }
        var parts: [AssemblyRecipe.Part] = []
        for segment in source.segments {
            let isHeld =
                segment.count <= IntakePipeline.heldUpToPieces * ObjectStore.pieceSizeBytes
            let digest =
                isHeld
                ? try putHeld(segment, from: pipeline, at: path)
                : try putLong(segment, from: pipeline, at: path)
            parts.append(
                AssemblyRecipe.Part(
                    offset: segment.lowerBound, length: segment.count, digest: digest))
            onBytes(segment.count)
        }
        guard try pipeline.next() == nil, let first = parts.first else {
            throw IntakeFile.changed(path)
        }
        return FileIntake(
            parts: parts, whole: pipeline.wholeDigest ?? first.digest, states: pipeline.states)
    }

    /// Waits for the digest of a segment, and writes only what the store lacks.
    private func putHeld(
        _ segment: Range<Int>, from pipeline: IntakePipeline, at path: String
    ) throws(LetheError) -> Digest {
        var pieces: [[UInt8]] = []
        while let piece = try pipeline.next() {
            pieces.append(piece.bytes)
            guard piece.isLast else { continue }
            guard let digest = piece.digest else { break }
            if try !isPresent(digest, sizeBytes: segment.count) {
                let temporary = try nextPath()
                var writer = try writer(temporary)
                for bytes in pieces { try writer.write(bytes) }
                try writer.finish()
                writer.startWriteback()
                add(temporary, named: digest, sizeBytes: segment.count)
            }
            while let bytes = pieces.popLast() { pipeline.recycle(bytes) }
            return digest
        }
        throw IntakeFile.changed(path)
    }

    /// Writes a segment while its digest is being computed.
    private func putLong(
        _ segment: Range<Int>, from pipeline: IntakePipeline, at path: String
    ) throws(LetheError) -> Digest {
        let temporary = try nextPath()
        var writer = try writer(temporary)
        while let piece = try pipeline.next() {
            try writer.write(piece.bytes)
            pipeline.recycle(piece.bytes)
            guard piece.isLast else { continue }
            guard let digest = piece.digest else { break }
            if try isPresent(digest, sizeBytes: segment.count) {
                try store.files.remove(temporary)
            } else {
                try writer.finish()
                writer.startWriteback()
                add(temporary, named: digest, sizeBytes: segment.count)
            }
            return digest
        }
        throw IntakeFile.changed(path)
    }
}
