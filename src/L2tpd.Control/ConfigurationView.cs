namespace L2tpd.Control;

/// <summary>The configuration as it was last applied, without secrets.</summary>
/// <param name="ReadAt">When its files were read.</param>
/// <param name="Yaml">
/// All files together as one YAML text without comments; <c>***</c> stands for each secret. Defaults are not in it.
/// </param>
public sealed record ConfigurationView(DateTimeOffset ReadAt, string Yaml);
