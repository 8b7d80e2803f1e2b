using System.Globalization;
using L2tpd.Protocol.Avps;

namespace L2tpd.Unit.Tests.Protocol;

/// <summary>The codec's AVP tables against the tables of the protocol notes, both ways: no row is wrong, missing or superfluous.</summary>
public class AvpTableTests
{
    [Fact]
    public void V2_table_is_the_fact_sheets() => Compare("avps-v2.txt", AvpTable.V2);

    [Fact]
    public void V3_table_is_the_fact_sheets() => Compare("avps-v3.txt", AvpTable.V3);

    [Fact]
    public void Dual_sccrq_knows_both_versions_and_sends_v3_with_M0_and_clear()
    {
        foreach (var row in AvpTable.DualSccrq.Rows)
        {
            var v2 = AvpTable.V2.Find(row.VendorId, row.Type);
            var isV2Only = AvpTable.V3.Find(row.VendorId, row.Type) is null;
            Assert.Equal(isV2Only, row.MalformedIsIgnored);
            if (v2 is null)
                Assert.Equal((false, false), (row.Mandatory, row.Hideable));
            else
                Assert.Equal((v2.Mandatory, v2.Hideable), (row.Mandatory, row.Hideable));
        }

        Assert.Equal(AvpTable.V2.Rows.Union(AvpTable.V3.Rows).Select(row => (row.VendorId, row.Type)).Distinct().Count(),
            AvpTable.DualSccrq.Rows.Count);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(9)]
    [InlineData(13)]
    [InlineData(20)]
    [InlineData(67)]
    public void What_only_v2_knows_is_unknown_in_v3(ushort type) => Assert.Null(AvpTable.V3.Find(0, type));

    [Fact]
    public void Unlisted_types_are_not_found()
    {
        Assert.Null(AvpTable.V2.Find(0, 20));
        Assert.Null(AvpTable.V2.Find(0, 60));
        Assert.Null(AvpTable.V2.Find(0, 104));
        Assert.Null(AvpTable.V2.Find(0, ushort.MaxValue));
        Assert.Null(AvpTable.V2.Find(3561, 3));
        Assert.Null(AvpTable.V2.Find(3561, 143));
        Assert.Null(AvpTable.V2.Find(9, 1));
    }

    private static void Compare(string file, AvpTable table)
    {
        var expected = TextTable.Read(file).Select(row => string.Join(' ', row));
        var actual = table.Rows.Select(Row);
        Assert.Equal(expected.Order(StringComparer.Ordinal), actual.Order(StringComparer.Ordinal));
        foreach (var row in table.Rows)
            Assert.Same(row, table.Find(row.VendorId, row.Type));
    }

    private static string Row(AvpDefinition row)
    {
        var nonZero = row.NonZero ? "nonzero " : "";
        return $"{row.VendorId} {row.Type} M={(row.Mandatory ? 1 : 0)} {(row.Hideable ? "H" : "-")} {Length(row.Length)} "
            + $"{nonZero}{row.Name}";
    }

    private static string Length(ValueLength length)
    {
        var minimum = (length.Minimum + AvpFormat.HeaderSize).ToString(CultureInfo.InvariantCulture);
        var step = length.Step == 1 ? "" : $"/{length.Step}";
        if (length.Minimum == length.Maximum)
            return minimum;
        return length.Maximum == AvpFormat.MaxValueSize ? $"{minimum}+{step}" : $"{minimum}..{length.Maximum + AvpFormat.HeaderSize}{step}";
    }
}
