internal import Foundation

extension Timestamp {
    /// The same time so many calendar months later, in UTC: the same day of the month, or the
    /// month's last where it has no such day.
    public func adding(months: Int) -> Timestamp {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let date = Date(timeIntervalSince1970: Double(secondsSince1970))
        return calendar.date(byAdding: .month, value: months, to: date).map { Timestamp($0) }
            ?? self
    }
}
