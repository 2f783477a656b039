import CTorchShim
import LetheRecords

extension Tensor {
    func readRequiresGradient() throws(LetheError) -> Bool {
        var result = false
        try unsafe check { unsafe lethe_requires_gradient(handle, &result, $0) }
        extendLifetime(self)
        return result
    }

    func setRequiresGradient(_ on: Bool) throws(LetheError) {
        try unsafe check { unsafe lethe_set_requires_gradient(handle, on, $0) }
        extendLifetime(self)
    }

    func runBackward(_ keepingGraph: Bool) throws(LetheError) {
        try unsafe check { unsafe lethe_backward(handle, keepingGraph, $0) }
        extendLifetime(self)
    }

    func readGradient() throws(LetheError) -> Tensor? {
        let slots = try unsafe produceList(count: 1, using: [self]) {
            unsafe lethe_gradient(handle, $0, $1)
        }
        return slots[0]
    }

    static func setGradients(of tensors: [Tensor], to gradient: Tensor?) throws(LetheError) {
        let handles = unsafe tensors.handles
        try unsafe check {
            unsafe lethe_set_gradients(handles, handles.count, gradient?.handle, $0)
        }
        extendLifetime(tensors)
        extendLifetime(gradient)
    }

    func derive(_ inputs: [Tensor], _ keepingGraph: Bool) throws(LetheError) -> [Tensor?] {
        let handles = unsafe inputs.handles
        return try unsafe produceList(count: inputs.count, using: inputs + [self]) {
            unsafe lethe_gradients_of(handle, handles, handles.count, keepingGraph, $0, $1)
        }
    }

    static func clipGradients(of tensors: [Tensor], _ maximum: Double) throws(LetheError) -> Double
    {
        let handles = unsafe tensors.handles
        var norm = 0.0
        try unsafe check {
            unsafe lethe_clip_gradients(handles, handles.count, maximum, &norm, $0)
        }
        extendLifetime(tensors)
        return norm
    }
}

/// Whether operations on this thread are recorded for gradients.
func gradientMode() -> Bool { lethe_gradient_mode() }

/// Switches recording on this thread.
func setGradientMode(_ on: Bool) { lethe_set_gradient_mode(on) }
