extension Sequence {
    /// `map` for closures that throw a known error; the standard one forgets the error's type.
    func mapping<Result, Failure: Error>(
        _ transform: (Element) throws(Failure) -> Result
    ) throws(Failure) -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try transform(element)) }
        return results
    }
}

extension Optional {
    /// `map` for closures that throw a known error; the standard one forgets the error's type.
    func mapping<Result, Failure: Error>(
        _ transform: (Wrapped) throws(Failure) -> Result
    ) throws(Failure) -> Result? {
        guard let self else { return nil }
        return try transform(self)
    }
}
