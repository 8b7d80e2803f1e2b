using System.Collections.Immutable;
using L2tpd.Control;

namespace L2tpd.Configuration;

/// <summary>What loading gave: a configuration, or at least one error.</summary>
/// <param name="Configuration">Null when there are errors.</param>
/// <param name="Errors">Sorted by file, line and column.</param>
/// <param name="Warnings">Sorted likewise; they do not stop the daemon.</param>
public sealed record LoadResult(
    DaemonConfiguration? Configuration, ImmutableArray<ConfigurationError> Errors, ImmutableArray<ConfigurationError> Warnings)
{
    /// <summary>Every file that was read: the main one, conf.d, secret and options files. For a reload to watch.</summary>
    public ImmutableArray<string> Files { get; init; } = [];
}

/// <summary>One thing wrong with the configuration.</summary>
/// <param name="File">Path as given or found.</param>
/// <param name="Line">From 1; 0: the file as a whole.</param>
/// <param name="Column">From 1; 0: the file as a whole.</param>
/// <param name="Key">Path of the key, <c>peers.any.secret</c>; empty: the file as a whole.</param>
/// <param name="Message">What is wrong and what would be right; no secrets.</param>
public sealed record ConfigurationError(string File, int Line, int Column, string Key, string Message)
{
    /// <summary>
    /// <c>file:line:column: key.path: message</c>, fit for a terminal: control characters of what was written are <c>\xNN</c>.
    /// </summary>
    public override string ToString()
    {
        var place = Line == 0 ? File : $"{File}:{Line}:{Column}";
        return Printable.Escape(Key.Length == 0 ? $"{place}: {Message}" : $"{place}: {Key}: {Message}");
    }
}
