using System.Diagnostics.CodeAnalysis;

namespace L2tpd.Configuration.Yaml;

/// <summary>A value read from text, or what is wrong with the text.</summary>
public readonly record struct Parsed<T>(T? Value, string? Problem)
{
    [MemberNotNullWhen(true, nameof(Value))]
    public bool Succeeded => Problem is null;

    public static Parsed<T> Of(T value) => new(value, null);

    public static Parsed<T> Wrong(string problem) => new(default, problem);
}

/// <summary>How one kind of single value is written.</summary>
/// <param name="Expected">For "expected {}", when something else than a single value stands there.</param>
/// <param name="Parse">Reads the text.</param>
public sealed record ScalarType<T>(string Expected, Func<string, Parsed<T>> Parse);
