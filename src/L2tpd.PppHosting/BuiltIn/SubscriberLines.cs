using L2tpd.Runtime.Logging;
using L2tpd.Runtime.Loop;
using Microsoft.Extensions.Logging;

namespace L2tpd.PppHosting.BuiltIn;

/// <summary>Kinds of lines about subscribers.</summary>
internal enum SubscriberLine
{
    Authenticated,
    Refused,
    Over,
    NoAddress,
    Renegotiation,
    NoRates,
    Route,
    Filter,
}

/// <summary>
/// Limits the lines about subscribers in the log. Each kind has a budget of its own, so that a network that reconnects at once hides no
/// refused user. Lines that were left out are reported with the next line of their kind, or after <see cref="Interval"/>, by number and by
/// user. Loop thread only.
/// </summary>
internal sealed partial class SubscriberLines(LoopTimers timers, ILogger log)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly Kind[] _kinds =
    [
        new("users who were authenticated"), new("refused users"), new("sessions that ended"), new("users without an address"),
        new("renegotiations"), new("sessions without their rates"), new("routes that were not installed"), new("filters that were not set"),
    ];

    private bool _isTelling;

    /// <summary>Whether a line may go to the log now.</summary>
    /// <param name="line">Its kind.</param>
    /// <param name="user">The user, printable.</param>
    /// <param name="unsaid">Text to append: how many lines of the kind were left out before.</param>
    public bool TryTake(SubscriberLine line, string user, out string unsaid)
    {
        unsaid = "";
        if (!log.IsEnabled(LogLevel.Warning))
            return false;
        var kind = _kinds[(int)line];
        if (kind.Budget.TryTake(timers.Now, out _))
        {
            unsaid = kind.Unsaid is { Length: > 0 } before ? $"; not logged before: {before}" : "";
            kind.Forget();
            return true;
        }

        kind.LeaveOut(user);
        TellLater();
        return false;
    }

    private void TellLater()
    {
        if (_isTelling)
            return;
        _isTelling = true;
        timers.After(Interval, () =>
        {
            _isTelling = false;
            Tell();
        });
    }

    private void Tell()
    {
        foreach (var kind in _kinds)
        {
            if (kind.Unsaid is { Length: > 0 } unsaid)
                LogUnsaid(kind.What, unsaid);
            kind.Forget();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Not logged ({What}): {Unsaid}")]
    private partial void LogUnsaid(string what, string unsaid);

    /// <summary>One kind's budget, and who was left out.</summary>
    private sealed class Kind(string what)
    {
        // A peer may send any number of names.
        private const int MostUsers = 16;

        private readonly Dictionary<string, long> _users = new(StringComparer.Ordinal);
        private long _others;

        public string What => what;

        public LineBudget Budget { get; } = new();

        /// <summary>"12 of alice, 3 of bob, 40 of others"; empty: nothing was left out.</summary>
        public string Unsaid => string.Join(", ", _users
            .OrderByDescending(static user => user.Value)
            .Select(static user => (user.Key, user.Value))
            .Append((Key: "others", Value: _others))
            .Where(static user => user.Value > 0)
            .Select(static user => $"{user.Value} of {user.Key}"));

        public void LeaveOut(string user)
        {
            if (_users.TryGetValue(user, out var count) || _users.Count < MostUsers)
                _users[user] = count + 1;
            else
                _others++;
        }

        public void Forget()
        {
            _users.Clear();
            _others = 0;
        }
    }
}
