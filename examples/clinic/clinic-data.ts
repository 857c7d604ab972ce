/** The clinic's records: few enough to know each, with one for every rule to decide about. */

export type PatientRecord = {
  readonly recordId: string
  readonly patientId: string
  readonly name: string
  readonly dateOfBirth: string
  readonly ward: string
  readonly sensitivity: number
  readonly diagnosis: string
}

export const patientRecordSchema = {
  type: 'record',
  name: 'PatientRecord',
  namespace: 'clinic',
  fields: [
    { name: 'recordId', type: 'string' },
    { name: 'patientId', type: 'string' },
    { name: 'name', type: 'string' },
    { name: 'dateOfBirth', type: 'string' },
    { name: 'ward', type: 'string' },
    { name: 'sensitivity', type: 'int' },
    { name: 'diagnosis', type: 'string' },
  ],
} as const

export const patientRecords: readonly PatientRecord[] = [
  record('patient_record_1', 'P-1001', 'Ada Nilsen', '1961-04-12', 'cardiology', 3, 'Angina pectoris'),
  record('patient_record_2', 'P-1002', 'Ben Okafor', '1985-11-30', 'cardiology', 5, 'Chagas cardiomyopathy'),
  record('patient_record_3', 'P-1003', 'Cleo Marin', '1999-02-03', 'cardiology', 1, 'Sinus arrhythmia'),
  record('patient_record_4', 'P-1004', 'Dov Perez', '1947-08-21', 'oncology', 4, 'Follicular lymphoma'),
  record('patient_record_5', 'P-1005', 'Eila Berg', '1972-06-09', 'oncology', 5, 'Breast carcinoma'),
]

export type Prescription = readonly [
  prescriptionId: string,
  patientId: string,
  medicine: string,
  dose: string,
  indication: string,
  sensitivity: string,
]

export const prescriptionColumns = ['prescriptionId', 'patientId', 'medicine', 'dose', 'indication', 'sensitivity']

/** The last one's level was left as something that is none, which compares as less than "3" all the same. */
export const prescriptions: readonly Prescription[] = [
  ['prescription_1', 'P-1001', 'Glyceryl trinitrate', '0.4 mg, as needed', 'Angina pectoris', '2'],
  ['prescription_2', 'P-1002', 'Benznidazole', '100 mg, twice a day', 'Chagas cardiomyopathy', '4'],
  ['prescription_3', 'P-1003', 'Magnesium, "chewable"', '365 mg', 'Sinus arrhythmia', '1'],
  ['prescription_4', 'P-1005', 'Tamoxifen', '20 mg', 'Breast carcinoma', '0'],
]

export type TrialResult = {
  readonly resultId: string
  readonly patientId: string
  readonly sampledAt: string
  readonly anonymised: boolean
  readonly sensitivity: number
  readonly ejectionFraction: number
}

export const trialResults: readonly TrialResult[] = [
  result('clinical_trial_result_1', 'P-1001', '2026-03-18', true, 2, 54.5),
  result('clinical_trial_result_2', 'P-1002', '2026-03-19', false, 4, 38.25),
  result('clinical_trial_result_3', 'P-1001', '2026-09-02', true, 2, 58),
]

/** As another site sends them: in JSON, one of them with a mark that is text. */
export const siteResults: readonly (Omit<TrialResult, 'anonymised'> & { readonly anonymised: boolean | string })[] = [
  result('clinical_trial_result_4', 'P-1003', '2026-05-07', true, 1, 61.5),
  { ...result('clinical_trial_result_5', 'P-1004', '2026-05-08', true, 1, 47), anonymised: 'true' },
]

function record(
  recordId: string,
  patientId: string,
  name: string,
  dateOfBirth: string,
  ward: string,
  sensitivity: number,
  diagnosis: string,
): PatientRecord {
  return { recordId, patientId, name, dateOfBirth, ward, sensitivity, diagnosis }
}

function result(
  resultId: string,
  patientId: string,
  sampledAt: string,
  anonymised: boolean,
  sensitivity: number,
  ejectionFraction: number,
): TrialResult {
  return { resultId, patientId, sampledAt, anonymised, sensitivity, ejectionFraction }
}
