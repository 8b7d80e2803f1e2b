using L2tpd.Control;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Calls;
using L2tpd.Engine.Inputs;
using L2tpd.Operations.Control;
using L2tpd.Runtime.Loop;

namespace L2tpd.Operations.Sessions;

/// <summary>
/// Closes many sessions at a rate, so that peers, accounting and hooks can follow. One closing runs at a time; the sessions that it means
/// are those that are there when it begins. Loop thread only.
/// </summary>
/// <param name="timers">Timers of the loop.</param>
/// <param name="submit">Takes the inputs of the engine.</param>
public sealed class SessionCloser(LoopTimers timers, Action<EngineInput> submit)
{
    /// <summary>The time between two portions.</summary>
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    private List<SessionKey> _sessions = [];
    private ClosingView? _view;
    private LoopTimer? _timer;
    private long _startedAt;

    /// <summary>The closing that runs, or the last one; <c>null</c> if there was none.</summary>
    public ClosingView? View => _view;

    /// <summary>Begins to close sessions.</summary>
    /// <param name="sessions">What is selected.</param>
    /// <param name="rate">Sessions per second.</param>
    /// <param name="by">Who requested it, for log and history.</param>
    /// <exception cref="ControlUnavailableException">Another closing runs.</exception>
    public ClosingView Start(IEnumerable<Session> sessions, int rate, string by)
    {
        if (_view is { Left: > 0 } running)
        {
            throw new ControlUnavailableException(
                $"{running.By} closes {running.Selected} sessions, {running.Left} are left: wait, or stop it");
        }

        _sessions = [.. sessions.Select(static session => session.Key)];
        _startedAt = timers.Now;
        _view = new ClosingView(_sessions.Count, 0, _sessions.Count, rate, by);
        Continue();
        return _view;
    }

    /// <summary>Ends the closing that runs; what is not closed stays.</summary>
    public ClosingView? Stop()
    {
        _timer?.Cancel();
        _sessions = [];
        if (_view is { Left: > 0 } view)
            _view = view with { Left = 0, IsStopped = true };
        return _view;
    }

    // The first portion is due at once.
    private void Continue()
    {
        var view = _view!;
        var elapsed = timers.Now - _startedAt + (long)Step.TotalMilliseconds;
        var due = (int)Math.Min(view.Selected, Math.Max(1, elapsed * view.Rate / 1_000));
        for (var i = view.Closed; i < due; i++)
            submit(new CloseSession(_sessions[i], view.By));
        _view = view with { Closed = Math.Max(view.Closed, due), Left = view.Selected - Math.Max(view.Closed, due) };
        if (_view.Left > 0)
            _timer = timers.After(Step, Continue);
        else
            _sessions = [];
    }
}
