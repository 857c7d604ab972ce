/** The Employee schema of the predecessor's HR data: every field may be null but the two salary fields. */

const nationalities =
  'AFGHAN ALBANIAN ALGERIAN AMERICAN ANDORRAN ANGOLAN ANGUILLAN ANTIGUAN ARGENTINE ARMENIAN AUSTRALIAN AUSTRIAN AZERBAIJANI BAHAMIAN BAHRAINI BANGLADESHI BARBADIAN BARBUDAN BELARUSIAN BELGIAN BELIZEAN BENINESE BERMUDIAN BHUTANESE BOLIVIAN BOSNIAN BOTSWANAN BRAZILIAN BRITISH BRITISH_VIRGIN_ISLANDER BRUNEIAN BULGARIAN BURKINAN BURMESE BURUNDIAN CAMBODIAN CAMEROONIAN CANADIAN CAPE_VERDEAN CAYMAN_ISLANDER CENTRAL_AFRICAN CHADIAN CHILEAN CHINESE COLOMBIAN COMORAN CONGOLESE COOK_ISLANDER COSTA_RICAN CROATIAN CUBAN CYMRAES CYMRO CYPRIOT CZECH DANISH DJIBOUTIAN DOMINICAN DUTCH EAST_TIMORESE ECUADOREAN EGYPTIAN EMIRATI ENGLISH EQUATORIAL_GUINEAN ERITREAN ESTONIAN ETHIOPIAN FAROESE FIJIAN FILIPINO FINNISH FRENCH GABONESE GAMBIAN GEORGIAN GERMAN GHANAIAN GIBRALTARIAN GREEK GREENLANDIC GRENADIAN GUAMANIAN GUATEMALAN GUINEA_BISSAUAN GUINEAN GUYANESE HAITIAN HONDURAN HONG_KONGER HUNGARIAN ICELANDIC INDIAN INDONESIAN IRANIAN IRAQI IRISH ISRAELI ITALIAN IVORIAN JAMAICAN JAPANESE JORDANIAN KAZAKH KENYAN KIRIBATIAN KITTITIAN KOSOVAN KUWAITI KYRGYZ LAO LATVIAN LEBANESE LIBERIAN LIBYAN LIECHTENSTEINER LITHUANIAN LUXEMBOURGER MACANESE MACEDONIAN MALAGASY MALAWIAN MALAYSIAN MALDIVIAN MALIAN MALTESE MARSHALLESE MARTINIQUAIS MAURITANIAN MAURITIAN MEXICAN MICRONESIAN MOLDOVAN MONEGASQUE MONGOLIAN MONTENEGRIN MONTSERRATIAN MOROCCAN MOSOTHO MOZAMBICAN NAMIBIAN NAURUAN NEPALESE NEVISIAN NEW_ZEALANDER NICARAGUAN NIGERIAN NIGERIEN NIUEAN NORTH_KOREAN NORTHERN_IRISH NORWEGIAN OMANI PAKISTANI PALAUAN PALESTINIAN PANAMANIAN PAPUA_NEW_GUINEAN PARAGUAYAN PERUVIAN PITCAIRN_ISLANDER POLISH PORTUGUESE PUERTO_RICAN QATARI ROMANIAN RUSSIAN RWANDAN SALVADOREAN SAMMARINESE SAMOAN SAO_TOMEAN SAUDI_ARABIAN SCOTTISH SENEGALESE SERBIAN SEYCHELLOIS SIERRA_LEONEAN SINGAPOREAN SLOVAK SLOVENIAN SOLOMON_ISLANDER SOMALI SOUTH_AFRICAN SOUTH_KOREAN SOUTH_SUDANESE SPANISH SRI_LANKAN ST_HELENIAN ST_LUCIAN STATELESS SUDANESE SURINAMESE SWAZI SWEDISH SWISS SYRIAN TAIWANESE TAJIK TANZANIAN THAI TOGOLESE TONGAN TRINIDADIAN TRISTANIAN TUNISIAN TURKISH TURKMEN TURKS_AND_CAICOS_ISLANDER TUVALUAN UGANDAN UKRAINIAN URUGUAYAN UZBEK VATICAN_CITIZEN VANUATUAN VENEZUELAN VIETNAMESE VINCENTIAN WALLISIAN WELSH YEMENI ZAMBIAN ZIMBABWEAN'.split(
    ' ',
  )

const namespace = 'uk.gov.gchq.syntheticdatagenerator.types'

const nullable = (type: unknown) => ['null', type]
const field = (name: string, type: unknown) => ({ name, type: nullable(type), default: null })
const record = (name: string, fields: readonly unknown[]) => ({ type: 'record', name, fields })
const symbols = (name: string, list: readonly string[]) => ({ type: 'enum', name, symbols: list })
const list = (items: unknown) => ({ type: 'array', items })

const phoneNumber = record('PhoneNumber', [field('type', 'string'), field('number', 'string')])
const address = record(
  'Address',
  ['streetAddressNumber', 'streetName', 'city', 'state', 'zipCode'].map((name) => field(name, 'string')),
)

export const relations = ['GRANDPARENT', 'PARENT', 'SIBLING', 'CHILDREN', 'COUSIN'] as const
export const grades = Array.from({ length: 9 }, (_, index) => `Grade${index + 1}`)
export const departments = [
  'CLINICAL_TRIALS',
  'IT',
  'CHIEF_DATA_OFFICE',
  'ACCOUNTS',
  'FINANCE',
  'AMSTERDAM_LAB',
  'LONDON_LAB',
  'NEW_YORK_LAB',
  'FOUNDERS',
] as const
export const workLocations = ['AMSTERDAM', 'LONDON', 'NEW_YORK', 'HAMPTON_HOSPITAL'] as const
export const sexes = ['NOT_KNOWN', 'MALE', 'FEMALE', 'NOT_SPECIFIED'] as const
export { nationalities }

export const employeeSchema = {
  ...record('Employee', [
    field('uid', 'string'),
    field('name', 'string'),
    field('dateOfBirth', 'string'),
    field('contactNumbers', list(phoneNumber)),
    field(
      'emergencyContacts',
      list(
        record('EmergencyContact', [
          field('contactName', 'string'),
          field('relation', symbols('Relation', relations)),
          field('contactNumbers', list('PhoneNumber')),
        ]),
      ),
    ),
    field('address', address),
    field('bankDetails', record('BankDetails', [field('sortCode', 'string'), field('accountNumber', 'string')])),
    field('taxCode', 'string'),
    field('nationality', symbols('Nationality', nationalities)),
    field(
      'manager',
      list(
        record('Manager', [field('uid', 'string'), field('managers', list('Manager')), field('managerType', 'string')]),
      ),
    ),
    field('hireDate', 'string'),
    field('grade', symbols('Grade', grades)),
    field('department', symbols('Department', departments)),
    { name: 'salaryAmount', type: 'int' },
    { name: 'salaryBonus', type: 'int' },
    field(
      'workLocation',
      record('WorkLocation', [
        field('workLocationName', symbols('WorkLocationName', workLocations)),
        field('address', 'Address'),
      ]),
    ),
    field('sex', symbols('Sex', sexes)),
  ]),
  namespace,
}
