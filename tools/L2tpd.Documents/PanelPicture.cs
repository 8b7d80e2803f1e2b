using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace L2tpd.Documents;

/// <summary>The dashboard's panels as an SVG picture, drawn from the values that `./run bench --panels FILE` recorded.</summary>
public static class PanelPicture
{
    private const int Columns = 3;
    private const int Width = 420;
    private const int Height = 230;
    private const int Gap = 14;
    private const int Left = 62;
    private const int Top = 34;
    private const int PlotHeight = 120;
    private const int MostSeries = 6;

    private static readonly string[] Colours = ["#3274d9", "#e0752d", "#2f9e44", "#a352cc", "#c4162a", "#b8860b"];

    /// <summary>The picture of those panels that have values.</summary>
    /// <param name="recorded">JSON: seconds, and panels with title, unit and series of name and values.</param>
    public static string Draw(string recorded)
    {
        using var document = JsonDocument.Parse(recorded);
        var seconds = document.RootElement.GetProperty("seconds").GetDouble();
        var panels = document.RootElement.GetProperty("panels").EnumerateArray()
            .Where(static panel => panel.GetProperty("series").GetArrayLength() > 0).ToArray();
        var rows = (panels.Length + Columns - 1) / Columns;
        var svg = new StringBuilder();
        var (width, height) = (Gap + (Columns * (Width + Gap)), Gap + (rows * (Height + Gap)));
        svg.Append(CultureInfo.InvariantCulture,
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" "
            + $"font-family=\"sans-serif\" font-size=\"11\">\n"
            + $"<rect width=\"{width}\" height=\"{height}\" fill=\"#f4f5f5\"/>\n");
        for (var i = 0; i < panels.Length; i++)
            DrawPanel(svg, panels[i], seconds, Gap + (i % Columns * (Width + Gap)), Gap + (i / Columns * (Height + Gap)));
        return svg.Append("</svg>\n").ToString();
    }

    private static void DrawPanel(StringBuilder svg, JsonElement panel, double seconds, int x, int y)
    {
        var unit = panel.GetProperty("unit").GetString()!;
        var series = panel.GetProperty("series").EnumerateArray().Select(static one => (
            Name: one.GetProperty("name").GetString()!,
            Values: one.GetProperty("values").EnumerateArray().Select(static pair => (At: pair[0].GetDouble(), Value: pair[1].GetDouble()))
                .ToArray())).OrderByDescending(static one => one.Values.Max(static pair => pair.Value)).Take(MostSeries).ToArray();
        var most = NiceMaximum(series.Max(static one => one.Values.Max(static pair => pair.Value)));
        var plotWidth = Width - Left - 12;
        svg.Append(CultureInfo.InvariantCulture, $"<g transform=\"translate({x},{y})\">\n"
            + $"<rect width=\"{Width}\" height=\"{Height}\" rx=\"3\" fill=\"#fff\" stroke=\"#d0d3d6\"/>\n"
            + $"<text x=\"10\" y=\"20\" font-weight=\"bold\" font-size=\"12\">{Encoded(panel.GetProperty("title").GetString()!)}</text>\n");
        for (var line = 0; line <= 2; line++)
        {
            var height = Top + PlotHeight - (line * PlotHeight / 2);
            svg.Append(CultureInfo.InvariantCulture,
                $"<line x1=\"{Left}\" x2=\"{Left + plotWidth}\" y1=\"{height}\" y2=\"{height}\" stroke=\"#e5e7e9\"/>\n"
                + $"<text x=\"{Left - 5}\" y=\"{height + 4}\" text-anchor=\"end\" fill=\"#555\">{Label(most * line / 2, unit)}</text>\n");
        }

        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left}\" y=\"{Top + PlotHeight + 14}\" fill=\"#555\">0 s</text>\n"
            + $"<text x=\"{Left + plotWidth}\" y=\"{Top + PlotHeight + 14}\" text-anchor=\"end\" fill=\"#555\">{seconds:0} s</text>\n");
        for (var i = 0; i < series.Length; i++)
        {
            var points = string.Join(' ', series[i].Values.Select(pair => string.Create(CultureInfo.InvariantCulture,
                $"{Left + (pair.At / seconds * plotWidth):0.#},{Top + PlotHeight - (pair.Value / most * PlotHeight):0.#}")));
            var (legendX, legendY) = (10 + (i % 2 * 205), Top + PlotHeight + 24 + (i / 2 * 16));
            svg.Append(CultureInfo.InvariantCulture,
                $"<polyline points=\"{points}\" fill=\"none\" stroke=\"{Colours[i]}\" stroke-width=\"1.5\"/>\n"
                + $"<rect x=\"{legendX}\" y=\"{legendY}\" width=\"9\" height=\"9\" fill=\"{Colours[i]}\"/>\n"
                + $"<text x=\"{legendX + 14}\" y=\"{legendY + 9}\">{Encoded(series[i].Name)}</text>\n");
        }

        svg.Append("</g>\n");
    }

    private static string Encoded(string text) => WebUtility.HtmlEncode(text.Length <= 32 ? text : text[..31] + "…");

    /// <summary>1, 2 or 5 times a power of ten that is not below the value.</summary>
    private static double NiceMaximum(double value)
    {
        if (value <= 0)
            return 1;
        var power = Math.Pow(10, Math.Floor(Math.Log10(value)));
        return power * (value <= power ? 1 : value <= 2 * power ? 2 : value <= 5 * power ? 5 : 10);
    }

    private static string Label(double value, string unit) => unit switch
    {
        "s" when value is > 0 and < 1 => string.Create(CultureInfo.InvariantCulture, $"{value * 1_000:0.##} ms"),
        "s" => string.Create(CultureInfo.InvariantCulture, $"{value:0.##} s"),
        "percentunit" => string.Create(CultureInfo.InvariantCulture, $"{value * 100:0.##} %"),
        "bytes" => string.Create(CultureInfo.InvariantCulture, $"{value / 1_048_576:0.#} MiB"),
        "bps" => string.Create(CultureInfo.InvariantCulture, $"{value:0.##} bit/s"),
        "ops" or "pps" => string.Create(CultureInfo.InvariantCulture, $"{value:0.##}/s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{value:0.##}"),
    };
}
