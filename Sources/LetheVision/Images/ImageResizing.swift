import LetheRecords

extension DecodedImage {
    /// This image at another size, equal to Pillow's `Image.resize` bit for bit.
    ///
    /// - Throws: `malformed` if the new size is out of range.
    func resized(
        width newWidth: Int, height newHeight: Int, filter: ResamplingFilter
    ) throws(LetheError) -> DecodedImage {
        if newWidth == width, newHeight == height { return self }
        try DecodedImage.checkSize(width: newWidth, height: newHeight)
        if filter == .nearest { return try nearest(width: newWidth, height: newHeight) }
        var result = self
        if newWidth != width {
            result = try result.resampledRows(
                ResamplingWeights(from: width, to: newWidth, filter: filter))
        }
        if newHeight != height {
            result = try result.resampledColumns(
                ResamplingWeights(from: height, to: newHeight, filter: filter))
        }
        return result
    }

    private func nearest(width newWidth: Int, height newHeight: Int) throws(LetheError)
        -> DecodedImage
    {
        let columns = DecodedImage.nearestPositions(from: width, to: newWidth)
        let rows = DecodedImage.nearestPositions(from: height, to: newHeight)
        var result: [UInt8] = []
        result.reserveCapacity(newWidth * newHeight * channels)
        for row in rows {
            for column in columns {
                let start = (row * width + column) * channels
                result.append(contentsOf: pixels[start..<start + channels])
            }
        }
        return try DecodedImage(
            width: newWidth, height: newHeight, channels: channels, pixels: result)
    }

    /// The scale is added up step by step, as Pillow does, so that ties fall the same way.
    private static func nearestPositions(from source: Int, to target: Int) -> [Int] {
        let scale = Double(source) / Double(target)
        var position = scale * 0.5
        return (0..<target).map { _ in
            defer { position += scale }
            return min(source - 1, Int(position))
        }
    }

    private func resampledRows(_ table: ResamplingWeights) throws(LetheError) -> DecodedImage {
        let newWidth = table.starts.count
        var result = [UInt8](repeating: 0, count: newWidth * height * channels)
        for row in 0..<height {
            for column in 0..<newWidth {
                let source = (row * width + table.starts[column]) * channels
                let target = (row * newWidth + column) * channels
                for channel in 0..<channels {
                    result[target + channel] = weightedSum(
                        from: source + channel, step: channels, table: table, position: column)
                }
            }
        }
        return try DecodedImage(
            width: newWidth, height: height, channels: channels, pixels: result)
    }

    private func resampledColumns(_ table: ResamplingWeights) throws(LetheError) -> DecodedImage {
        let newHeight = table.starts.count
        let rowLength = width * channels
        var result = [UInt8](repeating: 0, count: rowLength * newHeight)
        for row in 0..<newHeight {
            let source = table.starts[row] * rowLength
            for offset in 0..<rowLength {
                result[row * rowLength + offset] = weightedSum(
                    from: source + offset, step: rowLength, table: table, position: row)
            }
        }
        return try DecodedImage(
            width: width, height: newHeight, channels: channels, pixels: result)
    }

    @inline(__always)
    private func weightedSum(
        from start: Int, step: Int, table: ResamplingWeights, position: Int
    ) -> UInt8 {
        var sum: Int32 = 1 << (ResamplingWeights.fractionBits - 1)
        var source = start
        let first = position * table.stride
        var index = first
        let end = first + table.counts[position]
        while index < end {
            sum &+= Int32(pixels[source]) &* table.weights[index]
            source &+= step
            index &+= 1
        }
        return UInt8(clamping: sum >> Int32(ResamplingWeights.fractionBits))
    }

    /// The middle of this image, black where the image is smaller than the crop.
    ///
    /// - Throws: `malformed` if the new size is out of range.
    func centerCropped(
        width newWidth: Int, height newHeight: Int, rounding: CropRounding
    ) throws(LetheError) -> DecodedImage {
        if newWidth == width, newHeight == height { return self }
        try DecodedImage.checkSize(width: newWidth, height: newHeight)
        let left = rounding.offset(of: newWidth, in: width)
        let top = rounding.offset(of: newHeight, in: height)
        var result = [UInt8](repeating: 0, count: newWidth * newHeight * channels)
        let columns = max(0, -left)..<min(newWidth, width - left)
        for row in max(0, -top)..<min(newHeight, height - top) {
            let source = ((row + top) * width + columns.lowerBound + left) * channels
            let target = (row * newWidth + columns.lowerBound) * channels
            let length = columns.count * channels
            result.replaceSubrange(
                target..<target + length, with: pixels[source..<source + length])
        }
        return try DecodedImage(
            width: newWidth, height: newHeight, channels: channels, pixels: result)
    }
}

/// Where a centre crop begins when the space around it is an odd number of pixels.
public enum CropRounding: String, Sendable, Hashable {
    /// transformers: down when cutting, up when padding.
    case huggingFace
    /// torchvision, and so timm: to even when cutting, down when padding.
    case torchvision

    /// The first pixel of a crop; negative where the image has to be padded.
    func offset(of cropped: Int, in length: Int) -> Int {
        switch self {
        case .huggingFace:
            cropped > length ? -((cropped - length + 1) / 2) : (length - cropped) / 2
        case .torchvision:
            cropped > length
                ? -((cropped - length) / 2)
                : Int((Double(length - cropped) / 2).rounded(.toNearestOrEven))
        }
    }
}
