/// What a policy says about requests to erase, before anything is run; each rule is optional.
public struct RequestRules: Sendable, Equatable, Codable {
    /// How many requests of one requester may be accepted within `windowDays`.
    public var perRequesterMaximum: Int?
    /// How many requests may be accepted for one model within `windowDays`.
    public var perModelMaximum: Int?
    /// Over how many days these are counted; nil for 30.
    public var windowDays: Int?
    /// The share of a model's classes, or of its training samples, in 0...1, above which the
    /// requests that wait raise an alarm.
    public var alarmShare: Double?
    /// How many different operators have to accept a request; nil for one.
    public var approvalMinimum: Int?

    /// Makes rules.
    public init(
        perRequesterMaximum: Int? = nil, perModelMaximum: Int? = nil, windowDays: Int? = nil,
        alarmShare: Double? = nil, approvalMinimum: Int? = nil
    ) {
        self.perRequesterMaximum = perRequesterMaximum
        self.perModelMaximum = perModelMaximum
        self.windowDays = windowDays
        self.alarmShare = alarmShare
        self.approvalMinimum = approvalMinimum
    }
}
