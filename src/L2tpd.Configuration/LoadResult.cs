using System.Collections.Immutable;
using L2tpd.Control;

namespace L2tpd.Configuration;

/// <summary>The result of loading: a configuration, or at least one error.</summary>
/// <param name="Configuration"><c>null</c> if there are errors.</param>
/// <param name="Errors">Sorted by file, line and column.</param>
/// <param name="Warnings">Sorted in the same way; they do not stop the daemon.</param>
public sealed record LoadResult(
    DaemonConfiguration? Configuration, ImmutableArray<ConfigurationError> Errors, ImmutableArray<ConfigurationError> Warnings)
{
    /// <summary>Every file that was read: the main file, conf.d, secret and options files. A reload can watch them.</summary>
    public ImmutableArray<string> Files { get; init; } = [];
}

/// <summary>One error or warning of the configuration.</summary>
/// <param name="File">Path as given or found.</param>
/// <param name="Line">From 1; 0 for the file as a whole.</param>
/// <param name="Column">From 1; 0 for the file as a whole.</param>
/// <param name="Key">Path of the key, <c>peers.any.secret</c>; empty for the file as a whole.</param>
/// <param name="Message">What is wrong, and what is correct; never contains a secret.</param>
public sealed record ConfigurationError(string File, int Line, int Column, string Key, string Message)
{
    /// <c>file:line:column: key.path: message</c>, safe for a terminal: control characters of quoted text become <c>\xNN</c>.
    public override string ToString()
    {
        var place = Line == 0 ? File : $"{File}:{Line}:{Column}";
        return Printable.Escape(Key.Length == 0 ? $"{place}: {Message}" : $"{place}: {Key}: {Message}");
    }
}
