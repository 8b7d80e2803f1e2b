using System.Diagnostics.CodeAnalysis;

namespace L2tpd.Configuration.Yaml;

/// <summary>A value that was read from text, or what is wrong with the text.</summary>
public readonly record struct Parsed<T>(T? Value, string? Problem)
{
    [MemberNotNullWhen(true, nameof(Value))]
    public bool Succeeded => Problem is null;

    public static Parsed<T> Of(T value) => new(value, null);

    public static Parsed<T> Wrong(string problem) => new(default, problem);
}

/// <summary>The format of one kind of single value.</summary>
/// <param name="Expected">For "expected {}", if the value is not a single value.</param>
/// <param name="Parse">Reads the text.</param>
public sealed record ScalarType<T>(string Expected, Func<string, Parsed<T>> Parse);
