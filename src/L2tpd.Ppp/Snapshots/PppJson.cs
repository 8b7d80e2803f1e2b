using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace L2tpd.Ppp;

/// <summary>JSON of the snapshots; generated, so that it works in a native binary.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
    Converters =
    [
        typeof(Ipv4AddressConverter), typeof(IPAddressConverter), typeof(IPNetworkConverter), typeof(PermittedAddressesConverter),
    ])]
[JsonSerializable(typeof(PppSnapshot))]
public sealed partial class PppJson : JsonSerializerContext;

/// <summary>An IPv4 address in dotted decimal.</summary>
public sealed class Ipv4AddressConverter : JsonConverter<Ipv4Address>
{
    /// <inheritdoc/>
    public override Ipv4Address Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Ipv4Address.TryParse(reader.GetString(), out var address) ? address : throw new JsonException("an IPv4 address is expected");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, Ipv4Address value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}

/// <summary>An address of either family as text.</summary>
public sealed class IPAddressConverter : JsonConverter<IPAddress>
{
    /// <inheritdoc/>
    public override IPAddress Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        IPAddress.TryParse(reader.GetString(), out var address) ? address : throw new JsonException("an IP address is expected");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, IPAddress value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}

/// <summary>A prefix as address, slash and length.</summary>
public sealed class IPNetworkConverter : JsonConverter<IPNetwork>
{
    /// <inheritdoc/>
    public override IPNetwork Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        IPNetwork.TryParse(reader.GetString(), out var network) ? network : throw new JsonException("a prefix is expected");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, IPNetwork value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}

/// <summary>Permitted addresses as the words of a secrets file.</summary>
public sealed class PermittedAddressesConverter : JsonConverter<PermittedAddresses>
{
    /// <inheritdoc/>
    public override PermittedAddresses Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        PermittedAddresses.Of((reader.GetString() ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries));

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, PermittedAddresses value, JsonSerializerOptions options) =>
        writer.WriteStringValue(string.Join(' ', value.Words));
}
